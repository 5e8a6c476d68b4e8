"""Points in proportion to a share."""

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
class Linear(Kind):
    """max · n / d"""

    needs: ClassVar[Needs] = "share"
    title: ClassVar[Text] = Text("Theo tỷ lệ", "In proportion")

    kind: Literal["linear"]

    def points(self, maximum: Fraction, readings: Readings) -> Fraction:
        """Between 0 and `maximum`, for 0 ≤ n ≤ d."""
        return maximum * only(readings).value

    def lines(self, maximum: Fraction) -> Sequence[Line]:
        """A single one."""
        return [Line(slope=maximum)]

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """ "Hồ sơ đúng hạn: 718/733 (≈ 97,95 %) × 20 điểm" """
        one = alone(told)
        return say("{name}: {n} × {max} điểm", "{name}: {n} × {max} points", name=one.name, n=one.figure, max=maximum)


@dataclass(frozen=True, slots=True)
class LinearThreshold(Kind):
    """min(max, max · (n / d) / threshold): full points from the threshold on.

    Decision 766/QĐ-TTg gives the points of several indicators so: min(2, 2 · (n / d) / 0.8).
    """

    needs: ClassVar[Needs] = "share"
    title: ClassVar[Text] = Text("Theo tỷ lệ, đủ điểm từ ngưỡng", "In proportion, all points from the threshold on")
    parameters: ClassVar[Mapping[str, Parameter]] = {"threshold": Parameter("Ngưỡng", "Threshold")}

    kind: Literal["linear_threshold"]
    threshold: Figure

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise Wrong("`threshold` phải lớn hơn 0 và không quá 1", "threshold must be above 0 and at most 1")

    def points(self, maximum: Fraction, readings: Readings) -> Fraction:
        """Between 0 and `maximum`, for 0 ≤ n ≤ d."""
        return min(maximum, maximum * only(readings).value / exact(self.threshold))

    def lines(self, maximum: Fraction) -> Sequence[Line]:
        """Up to the threshold, and from there on."""
        threshold = exact(self.threshold)
        return [Line(slope=maximum / threshold), Line(maximum, start=threshold)]

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """Below the threshold in proportion to it, from there on all points."""
        one = alone(told)
        if one.reading.value >= self.threshold:
            vi = "{name}: {n}, đạt ngưỡng {t}: 100 % × {max} điểm"
            en = "{name}: {n}, which reaches the threshold of {t}: 100 % × {max} points"
        else:
            vi = "{name}: {n} ÷ {t} (ngưỡng) × {max} điểm"
            en = "{name}: {n} ÷ {t} (the threshold) × {max} points"
        return say(vi, en, name=one.name, n=one.figure, t=percent(self.threshold), max=maximum)
