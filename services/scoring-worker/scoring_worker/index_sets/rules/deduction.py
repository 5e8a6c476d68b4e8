"""Points taken away for each time something happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from scoring_worker.index_sets.figures import Told, say
from scoring_worker.index_sets.lines import Line
from scoring_worker.index_sets.reading import Readings, exact
from scoring_worker.index_sets.rules.kind import Kind, Needs, Parameter, alone, only
from scoring_worker.index_sets.texts import Figure, Text
from scoring_worker.index_sets.wrong import Wrong


@dataclass(frozen=True, slots=True)
class Deduction(Kind):
    """max − each · n, never below 0. A denominator only says when the count is missing."""

    needs: ClassVar[Needs] = "any"
    title: ClassVar[Text] = Text("Mỗi lần bị trừ", "Points taken away for each")
    parameters: ClassVar[Mapping[str, Parameter]] = {"each": Parameter("Điểm mỗi lần", "Points for each")}

    over: ClassVar[Literal["value", "numerator"]] = "numerator"

    kind: Literal["deduction"]
    each: Figure

    def __post_init__(self) -> None:
        if self.each <= 0:
            raise Wrong("`each` phải lớn hơn 0", "each must be above 0")

    def points(self, maximum: Fraction, readings: Readings) -> Fraction:
        """Between 0 and `maximum`, for n ≥ 0."""
        return max(Fraction(0), maximum - exact(self.each) * Fraction(only(readings).n or 0))

    def lines(self, maximum: Fraction) -> Sequence[Line]:
        """Up to the number that leaves nothing, and from there on."""
        each = exact(self.each)
        return [Line(maximum, -each), Line(start=maximum / each)]

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """ "10 điểm − 3 × 0,5 điểm" """
        one = alone(told)
        vi = "{name}: {max} điểm − {n} × {each} điểm (không dưới 0)"
        en = "{name}: {max} points − {n} × {each} points (not below 0)"
        return say(vi, en, name=one.name, n=one.reading.n or 0, each=self.each, max=maximum)
