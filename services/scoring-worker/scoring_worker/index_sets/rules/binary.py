"""All or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal

from scoring_worker.index_sets.figures import Told, say
from scoring_worker.index_sets.lines import Line
from scoring_worker.index_sets.reading import Readings, exact
from scoring_worker.index_sets.rules.kind import Kind, Needs, Parameter, alone, only
from scoring_worker.index_sets.texts import Figure, Text
from scoring_worker.index_sets.wrong import Wrong


@dataclass(frozen=True, slots=True)
class Binary(Kind):
    """Full points where the value reaches a bound, else nothing: "issued: full; not issued: 0" has the bound 1.

    `at_most` is for what must not happen: no more than so many. Exactly one of the two bounds is given.
    """

    needs: ClassVar[Needs] = "any"
    title: ClassVar[Text] = Text("Đạt hoặc không đạt", "All or nothing")
    parameters: ClassVar[Mapping[str, Parameter]] = {
        "at_least": Parameter("Từ", "At least"),
        "at_most": Parameter("Không quá", "At most"),
    }

    kind: Literal["binary"]
    at_least: Figure | None = None
    at_most: Figure | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.at_most is None):
            raise Wrong("phải có đúng một trong hai: `at_least`, `at_most`", "either at_least or at_most must be given")

    def points(self, maximum: Fraction, readings: Readings) -> Fraction:
        """0 or `maximum`."""
        return maximum if self._holds(only(readings).value) else Fraction(0)

    def _holds(self, value: Fraction) -> bool:
        return value >= self.at_least if self.at_least is not None else value <= (self.at_most or 0)

    def lines(self, maximum: Fraction) -> Sequence[Line]:
        """On either side of the bound."""
        if self.at_least is not None:
            return [Line(), Line(maximum, start=exact(self.at_least))]
        return [Line(maximum), Line(start=exact(self.at_most or Decimal(0)), above=True)]

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """Whether the bound holds."""
        one = alone(told)
        if self.at_least is not None:
            bound, vi, en = self.at_least, "từ {bound} trở lên", "at least {bound}"
        else:
            bound, vi, en = self.at_most or Decimal(0), "không quá {bound}", "at most {bound}"
        needed = say(vi, en, bound=one.bound(bound))
        if self._holds(one.reading.value):
            vi = "{name}: {n}, đạt mức {needed}: 100 % × {max} điểm"
            en = "{name}: {n}, which is {needed}: 100 % × {max} points"
        else:
            vi = "{name}: {n}, không đạt mức {needed}: 0 % × {max} điểm"
            en = "{name}: {n}, which is not {needed}: 0 % × {max} points"
        return say(vi, en, name=one.name, n=one.figure, needed=needed, max=maximum)
