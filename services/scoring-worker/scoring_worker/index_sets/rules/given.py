"""Points as somebody gives them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Final, Literal

from scoring_worker.index_sets.figures import Told, say
from scoring_worker.index_sets.lines import Line
from scoring_worker.index_sets.reading import Readings
from scoring_worker.index_sets.rules.kind import Kind, Needs, alone, only
from scoring_worker.index_sets.texts import Text

_GIVEN: Final = {
    "events": Text("đếm từ sự kiện", "counted from events"),
    "imported": Text("do hệ thống khác gửi", "sent by another system"),
    "declared": Text("do đơn vị tự khai", "declared by the unit"),
    "council": Text("do hội đồng hoặc người lãnh đạo chấm", "given by the council or a leader"),
    "survey": Text("theo kết quả khảo sát", "found by a survey"),
    "set": Text("theo bộ chỉ số khác", "of another index set"),
}
"""Who gave the points, by the source of the indicator."""


@dataclass(frozen=True, slots=True)
class Given(Kind):
    """The points themselves: of a leader, of a council, or of another body that publishes points and no numbers."""

    needs: ClassVar[Needs] = "amount"
    title: ClassVar[Text] = Text("Điểm được chấm", "Points as they are given")

    kind: Literal["given"]

    def points(self, maximum: Fraction, readings: Readings) -> Fraction:
        """Between 0 and `maximum`: what lies outside is cut."""
        return max(Fraction(0), min(maximum, only(readings).value))

    def lines(self, maximum: Fraction) -> Sequence[Line]:
        """Below 0, up to `maximum`, and from there on."""
        return [Line(), Line(slope=Fraction(1)), Line(maximum, start=maximum)]

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """ "4,25 điểm do hội đồng hoặc người lãnh đạo chấm (trong khoảng 0 đến 5 điểm)" """
        one = alone(told)
        vi = "{name}: {n} điểm {by} (trong khoảng 0 đến {max} điểm)"
        en = "{name}: {n} points {by} (between 0 and {max} points)"
        return say(vi, en, name=one.name, n=one.figure, by=_GIVEN[one.source], max=maximum)
