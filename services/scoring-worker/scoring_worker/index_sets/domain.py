"""An index set: fields → criteria → sub-criteria, and the indicators they are scored from. All of it is data."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Provenance
from scoring_worker.facts.domain import FactState
from scoring_worker.index_sets.rules import Rule
from scoring_worker.sources import MEASURES, Measure

Ties = Literal["1-2-2-4", "1-2-2-3"]
"""Equal scores share a rank. The next rank is counted on in one of two ways.

`1-2-2-4` is standard competition ranking: the next rank leaves out as many ranks as were shared.
`1-2-2-3` is dense ranking: the next rank leaves out none.
"""
Missing = Literal["exclude", "zero"]
"""What a criterion without data does: takes its points out of the maximum, or counts as zero points."""

_STRICT = {"extra": "forbid"}


def _known(measure: Measure) -> Measure:
    if measure not in MEASURES:
        raise ValueError(f"must be one of {', '.join(MEASURES)}")
    return measure


@dataclass(frozen=True, slots=True)
class Text:
    """A text for people, in Vietnamese and English.

    Like the rest of an index set a dataclass that Pydantic checks: it names every fault of a document, not the first.
    """

    __pydantic_config__: ClassVar = _STRICT

    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Term:
    """The number of facts of a measure in any of the states."""

    __pydantic_config__: ClassVar = _STRICT

    measure: Annotated[Measure, AfterValidator(_known)]
    states: tuple[FactState, ...]

    def __post_init__(self) -> None:
        if not self.states or len(set(self.states)) != len(self.states):
            raise ValueError("states must be named, each once")


@dataclass(frozen=True, slots=True)
class Indicator:
    """Numerator over denominator, each a sum of terms; without a denominator it is a plain count.

    Where the denominator is zero, the indicator is missing.
    """

    __pydantic_config__: ClassVar = _STRICT

    name: Text
    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...] = ()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures it counts, each once."""
        return tuple(dict.fromkeys(term.measure for term in (*self.numerator, *self.denominator)))


@dataclass(frozen=True, slots=True)
class Criterion:
    """Scored by a rule from an indicator, or the sum of its sub-criteria; not both."""

    __pydantic_config__: ClassVar = _STRICT

    code: str
    name: Text
    max: Decimal | None = None
    indicator: str | None = None
    rule: Rule | None = field(default=None)
    missing: Missing | None = None
    """In place of the set's own rule."""
    kinds: tuple[UnitKind, ...] = ()
    """Kinds of unit it applies to; none named: to all."""
    criteria: tuple["Criterion", ...] = ()

    def __post_init__(self) -> None:
        own = (self.max, self.indicator, self.rule)
        if self.criteria and any(part is not None for part in (*own, self.missing)):
            raise ValueError("a criterion with sub-criteria has no max, indicator, rule or missing of its own")
        if not self.criteria and any(part is None for part in own):
            raise ValueError("a criterion without sub-criteria needs max, indicator and rule")
        if self.max is not None and self.max <= 0:
            raise ValueError("max must be above 0")

    def all(self) -> Iterator["Criterion"]:
        """Itself and its sub-criteria."""
        yield self
        for child in self.criteria:
            yield from child.all()

    def leaves(self) -> Iterator["Criterion"]:
        """Those of them that are scored by a rule."""
        return (criterion for criterion in self.all() if not criterion.criteria)


@dataclass(frozen=True, slots=True)
class Field:
    """A field (lĩnh vực) of the index."""

    __pydantic_config__: ClassVar = _STRICT

    code: str
    name: Text
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Band:
    """A class of results: from `at_least` percent on, that value included."""

    __pydantic_config__: ClassVar = _STRICT

    code: str
    name: Text
    at_least: Decimal


@dataclass(frozen=True, slots=True)
class IndexSet:
    """One version of an index set. `template`: its weights are nobody's decision, and `notice` says so to readers."""

    __pydantic_config__: ClassVar = _STRICT

    code: str
    version: str
    title: Text
    source: str
    status: Provenance
    effective_from: date
    places: int
    """Decimal places of every score; halves are rounded up."""
    ranking: Ties
    missing: Missing
    kinds: tuple[UnitKind, ...]
    bands: tuple[Band, ...]
    indicators: dict[str, Indicator]
    fields: tuple[Field, ...]
    template: bool = False
    notice: Text | None = None

    def leaves(self) -> Iterator[Criterion]:
        """Every criterion that is scored by a rule."""
        for part in self.fields:
            for criterion in part.criteria:
                yield from criterion.leaves()

    def band_of(self, percent: Decimal) -> Band | None:
        """The highest band whose bound the percentage reaches."""
        reached = [band for band in self.bands if percent >= band.at_least]
        return max(reached, key=lambda band: band.at_least, default=None)
