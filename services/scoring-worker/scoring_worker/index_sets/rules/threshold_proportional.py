"""Points in proportion to a share that is high enough."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, Literal

from scoring_worker.index_sets.figures import Told, percent, say
from scoring_worker.index_sets.lines import Line
from scoring_worker.index_sets.reading import Readings, exact
from scoring_worker.index_sets.rules.kind import Kind, Needs, Parameter, alone, only
from scoring_worker.index_sets.texts import Figure, Text
from scoring_worker.index_sets.wrong import Wrong


@dataclass(frozen=True, slots=True)
class ThresholdProportional(Kind):
    """max · (n / d) from the threshold on, nothing below it: "80 to 100 % in proportion, below 80 % nothing"."""

    needs: ClassVar[Needs] = "share"
    title: ClassVar[Text] = Text("Theo tỷ lệ, dưới ngưỡng không có điểm", "In proportion, nothing below the threshold")
    parameters: ClassVar[Mapping[str, Parameter]] = {"threshold": Parameter("Ngưỡng", "Threshold")}

    kind: Literal["threshold_proportional"]
    threshold: Figure

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise Wrong("`threshold` phải lớn hơn 0 và không quá 1", "threshold must be above 0 and at most 1")

    def points(self, maximum: Fraction, readings: Readings) -> Fraction:
        """Between 0 and `maximum`, for 0 ≤ n ≤ d."""
        share = only(readings).value
        return maximum * share if share >= self.threshold else Fraction(0)

    def lines(self, maximum: Fraction) -> Sequence[Line]:
        """Below the threshold, and from there on."""
        return [Line(), Line(slope=maximum, start=exact(self.threshold))]

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """Nothing below the threshold, in proportion from there on."""
        one = alone(told)
        if one.reading.value >= self.threshold:
            vi = "{name}: {n} × {max} điểm (đạt ngưỡng {t})"
            en = "{name}: {n} × {max} points (the threshold of {t} is reached)"
        else:
            vi = "{name}: {n}, dưới ngưỡng {t}: 0 % × {max} điểm"
            en = "{name}: {n}, below the threshold of {t}: 0 % × {max} points"
        return say(vi, en, name=one.name, n=one.figure, t=percent(self.threshold), max=maximum)
