"""Points for each of something, up to the maximum."""

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
class Count(Kind):
    """min(max, each · n): "0.5 for each rule book that meets the standard, 2 at most"."""

    needs: ClassVar[Needs] = "amount"
    title: ClassVar[Text] = Text("Mỗi lần được cộng", "Points for each")
    parameters: ClassVar[Mapping[str, Parameter]] = {"each": Parameter("Điểm mỗi lần", "Points for each")}

    kind: Literal["count"]
    each: Figure

    def __post_init__(self) -> None:
        if self.each <= 0:
            raise Wrong("`each` phải lớn hơn 0", "each must be above 0")

    def points(self, maximum: Fraction, readings: Readings) -> Fraction:
        """Between 0 and `maximum`, for n ≥ 0."""
        return min(maximum, exact(self.each) * only(readings).value)

    def lines(self, maximum: Fraction) -> Sequence[Line]:
        """Up to the number that gives all points, and from there on."""
        each = exact(self.each)
        return [Line(slope=each), Line(maximum, start=maximum / each)]

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """ "3 × 0,5 điểm (tối đa 2 điểm)" """
        one = alone(told)
        vi = "{name}: {n} × {each} điểm (tối đa {max} điểm)"
        en = "{name}: {n} × {each} points ({max} points at most)"
        return say(vi, en, name=one.name, n=one.figure, each=self.each, max=maximum)
