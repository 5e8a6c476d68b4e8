"""What rules have in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import ClassVar, Literal, NamedTuple

from scoring_worker.index_sets.figures import Told
from scoring_worker.index_sets.lines import Line
from scoring_worker.index_sets.reading import Reading, Readings
from scoring_worker.index_sets.texts import STRICT, Text

Needs = Literal["share", "amount", "any", "several"]
"""The readings that a rule works on: one share, one amount, one of either, or any number of named ones."""


class Parameter(NamedTuple):
    """A parameter as people call it."""

    vi: str
    en: str
    is_number: bool = True


class Kind(ABC):
    """A kind of rule. Documents name its parameters; Pydantic checks them and finds every fault of a document."""

    __slots__ = ()
    __pydantic_config__: ClassVar = STRICT
    needs: ClassVar[Needs]
    title: ClassVar[Text]
    """What people call the rule."""
    parameters: ClassVar[Mapping[str, Parameter]] = {}
    """Its parameters, but for tables of them."""
    over: ClassVar[Literal["value", "numerator"]] = "value"
    """What `lines` are over."""

    @abstractmethod
    def points(self, maximum: Fraction, readings: Readings) -> Fraction | None:
        """Between 0 and `maximum`; None where there is no result."""

    def lines(self, maximum: Fraction) -> Sequence[Line] | None:
        """The points of a rule that works on one reading as lines over its value; None where they are none.

        They say again what `points` says. With them many units are scored at once; without, one after the other.
        """
        return None

    @abstractmethod
    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """What it makes of these inputs, every number in place, without the points that come of it."""


def only(readings: Readings) -> Reading:
    """The reading of a rule that works on one."""
    (reading,) = readings.values()
    return reading


def alone(told: Mapping[str, Told]) -> Told:
    """The input of a rule that works on one."""
    (one,) = told.values()
    return one
