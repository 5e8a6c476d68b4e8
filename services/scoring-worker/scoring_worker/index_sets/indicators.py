"""Indicators: where the numbers of a criterion come from. All of it is data."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, NamedTuple

from pydantic import AfterValidator, Discriminator, Tag

from scoring_worker.facts.domain import FactState
from scoring_worker.index_sets.texts import STRICT, Code, Text
from scoring_worker.index_sets.wrong import Wrong
from scoring_worker.sources import MEASURES, Measure

Source = Literal["events", "imported", "declared", "council", "survey", "set"]
Is = Literal["share", "amount"]
"""A share is `n` of `d`, or a number from 0 to 1. An amount is any number from 0 on."""


def _known(measure: Measure) -> Measure:
    if measure not in MEASURES:
        raise Wrong(f"phải là một trong: {', '.join(MEASURES)}", f"must be one of {', '.join(MEASURES)}")
    return measure


@dataclass(frozen=True, slots=True)
class Term:
    """The number of facts of a measure in any of the states."""

    __pydantic_config__: ClassVar = STRICT

    measure: Annotated[Measure, AfterValidator(_known)]
    states: tuple[FactState, ...]

    def __post_init__(self) -> None:
        if not self.states or len(set(self.states)) != len(self.states):
            raise Wrong("phải nêu các trạng thái, mỗi trạng thái một lần", "states must be named, each once")


@dataclass(frozen=True, slots=True)
class FromEvents:
    """Numerator over denominator, each a sum of terms; without a denominator it is a plain count.

    `or_entered`: what is entered for a unit and period goes before what is counted, as a published figure does; where
    nothing is counted and nothing was entered, nothing is known.
    """

    __pydantic_config__: ClassVar = STRICT

    name: Text
    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...] = ()
    source: Literal["events"] = "events"
    or_entered: bool = False
    definition: Text | None = None

    @property
    def may_be_entered(self) -> bool:
        return self.or_entered

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures it counts, each once."""
        return tuple(dict.fromkeys(term.measure for term in (*self.numerator, *self.denominator)))

    @property
    def reads(self) -> Iterator[tuple[Measure, FactState]]:
        """The measures and states that it depends on."""
        for term in (*self.numerator, *self.denominator):
            for state in term.states:
                yield term.measure, state

    @property
    def of(self) -> Is:
        return "share" if self.denominator else "amount"


@dataclass(frozen=True, slots=True)
class Imported:
    """Numbers of another system, or of somebody who is asked, entered for a unit and a period.

    `imported`: a system sends them. `declared`: the unit declares them, with evidence. `council`: the council or a
    leader gives them. `survey`: they are what a survey found. A set only says who is to answer for them.
    """

    __pydantic_config__: ClassVar = STRICT

    name: Text
    source: Literal["imported", "declared", "council", "survey"]
    of: Is
    definition: Text | None = None
    """What is counted, in the words of whoever decided it."""

    @property
    def may_be_entered(self) -> bool:
        return True


class Component(NamedTuple):
    """A part of an index set that another set reads: one field, or the whole."""

    set: str
    field: str | None


@dataclass(frozen=True, slots=True)
class FromSet:
    """Points of their maximum that the unit has by another set in the same period; of one `field` of it, or in all.

    It is known where the other set could rank the unit, or score the field. Bonus points do not make it more than all.
    """

    __pydantic_config__: ClassVar = STRICT

    name: Text
    source: Literal["set"]
    set: Code
    field: Code | None = None
    definition: Text | None = None

    @property
    def may_be_entered(self) -> bool:
        return False

    @property
    def component(self) -> Component:
        return Component(self.set, self.field)

    @property
    def of(self) -> Is:
        return "share"


_CLASSES: Final = {"events": "events", "set": "set"}
Indicator = Annotated[
    Annotated[FromEvents, Tag("events")] | Annotated[FromSet, Tag("set")] | Annotated[Imported, Tag("entered")],
    Discriminator(lambda given: _CLASSES.get(_source(given), "entered")),
]
SOURCES: Final = ("events", "set", "entered")


def _source(given: Any) -> Any:
    source = given.get("source", "events") if isinstance(given, dict) else getattr(given, "source", "events")
    return source if isinstance(source, str) else None
