"""Points by steps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal

from scoring_worker.index_sets.figures import Told, percent, say
from scoring_worker.index_sets.lines import Line
from scoring_worker.index_sets.reading import Readings, exact
from scoring_worker.index_sets.rules.kind import Kind, Needs, alone, only
from scoring_worker.index_sets.texts import STRICT, Figure, Text
from scoring_worker.index_sets.wrong import Wrong


@dataclass(frozen=True, slots=True)
class Step:
    """So much of the maximum for values from `at_least` on, or above `above`."""

    __pydantic_config__: ClassVar = STRICT

    share: Figure
    at_least: Figure | None = None
    above: Figure | None = None

    def __post_init__(self) -> None:
        if (self.at_least is None) == (self.above is None):
            raise Wrong("phải có đúng một trong hai: `at_least`, `above`", "either at_least or above must be given")
        if not 0 <= self.share <= 1:
            raise Wrong("`share` phải từ 0 đến 1", "share must be between 0 and 1")

    def is_reached(self, value: Fraction) -> bool:
        return value >= self.at_least if self.at_least is not None else value > (self.above or 0)

    @property
    def bound(self) -> tuple[Decimal, bool]:
        """Where it begins; of two with one number, the one that begins above it is the higher."""
        return (self.at_least, False) if self.at_least is not None else (self.above or Decimal(0), True)


@dataclass(frozen=True, slots=True)
class Ladder(Kind):
    """The share of the highest step that the value reaches; below the lowest nothing.

    "Excellent 100 %, good 75 %, done 50 % of the points" is a ladder over the levels 3, 2, 1. Circular 01/2018/TT-VPCP
    gives 2, 1 or 0 points by steps.
    """

    needs: ClassVar[Needs] = "any"
    title: ClassVar[Text] = Text("Theo bậc", "By steps")

    kind: Literal["ladder"]
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        bounds = [step.bound for step in self.steps]
        if not bounds or len(set(bounds)) < len(bounds):
            raise Wrong("phải nêu các bậc, mỗi bậc một mốc riêng", "steps must be named, each with a bound of its own")

    def points(self, maximum: Fraction, readings: Readings) -> Fraction:
        """Between 0 and `maximum`."""
        step, _ = self._around(only(readings).value)
        return maximum * Fraction(step.share) if step else Fraction(0)

    def _around(self, value: Fraction) -> tuple[Step | None, Step | None]:
        """The highest step that is reached, and the lowest that is not."""
        steps = sorted(self.steps, key=lambda step: step.bound)
        reached = [step for step in steps if step.is_reached(value)]
        beyond = [step for step in steps if not step.is_reached(value)]
        return reached[-1] if reached else None, beyond[0] if beyond else None

    def lines(self, maximum: Fraction) -> Sequence[Line]:
        """One for each step, and one below the lowest."""
        steps = sorted((step.bound, exact(step.share)) for step in self.steps)
        reached = [Line(maximum * share, start=exact(start), above=above) for (start, above), share in steps]
        return [Line(), *reached]

    def sentence(self, maximum: Fraction, told: Mapping[str, Told]) -> Text:
        """Which step holds, from where to where: "từ 2 đến dưới 3: 75 % × 4 điểm"."""
        one = alone(told)
        step, beyond = self._around(one.reading.value)
        nothing = Text("", "")
        begins = _begins(step or min(self.steps, key=lambda each: each.bound), one)
        ends = _ends(beyond, one) if beyond else nothing
        if step:
            vi = "{name}: {n}, bậc {begins}{ends}: {share} × {max} điểm"
            en = "{name}: {n}, the step {begins}{ends}: {share} × {max} points"
        else:
            vi = "{name}: {n}, bậc thấp nhất là {begins}: {share} × {max} điểm"
            en = "{name}: {n}, the lowest step is {begins}: {share} × {max} points"
        share = percent(step.share if step else 0)
        return say(vi, en, name=one.name, n=one.figure, begins=begins, ends=ends, share=share, max=maximum)


def _begins(step: Step, one: Told) -> Text:
    number, is_above = step.bound
    vi, en = ("trên {bound}", "above {bound}") if is_above else ("từ {bound}", "from {bound}")
    return say(vi, en, bound=one.bound(number))


def _ends(step: Step, one: Told) -> Text:
    """Where the one below it ends."""
    number, is_above = step.bound
    vi, en = (" đến hết {bound}", " up to {bound}") if is_above else (" đến dưới {bound}", " to below {bound}")
    return say(vi, en, bound=one.bound(number))
