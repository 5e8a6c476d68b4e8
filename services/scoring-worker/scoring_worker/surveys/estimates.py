"""What a sample says of a share: the estimate and its 95 % interval.

A share is a ratio: satisfied answers of all answers. One ballot gives several answers to a factor, and they are alike;
so ballots are counted as what was drawn, and answers are not (Cochran, *Sampling Techniques*, 6.3; linearised variance
of a ratio). The interval is Wilson's at the number of ballots of a simple sample that is as precise ("effective sample
size"; Korn and Graubard 1998), so it stays between 0 and 1 and holds where all are satisfied.
"""

from collections.abc import Iterable, Sequence
from math import inf, isinf, sqrt
from statistics import NormalDist
from typing import Final, NamedTuple

CONFIDENCE: Final = 0.95
_Z: Final = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)


class Estimate(NamedTuple):
    """A share with the ends of its interval, all between 0 and 1."""

    share: float
    low: float
    high: float


class Sums(NamedTuple):
    """Sums over ballots, where a ballot has `x` answers of which `y` are satisfied. Whole numbers: no order matters."""

    ballots: int = 0
    answering: int = 0
    """Ballots with an answer at all."""
    x: int = 0
    y: int = 0
    xx: int = 0
    xy: int = 0
    yy: int = 0

    def __or__(self, other: "Sums") -> "Sums":
        return Sums(*(one + more for one, more in zip(self, other, strict=True)))

    @classmethod
    def of(cls, ballots: Iterable[tuple[int, int, int]]) -> "Sums":
        """Of ballots as `(x, y, how many)`."""
        n = answering = x_ = y_ = xx = xy = yy = 0
        for x, y, times in ballots:
            n += times
            answering += times if x else 0
            x_, y_ = x_ + times * x, y_ + times * y
            xx, xy, yy = xx + times * x * x, xy + times * x * y, yy + times * y * y
        return cls(n, answering, x_, y_, xx, xy, yy)

    def spread(self, share: float) -> float:
        """The sum of squares of y − share · x; never below 0, whatever the rounding."""
        return max(0.0, self.yy - 2 * share * self.xy + share * share * self.xx)


def wilson(share: float, n: float) -> Estimate:
    """Wilson's score interval, without correction for continuity, of a share of `n` ballots.

    >>> [round(end, 4) for end in wilson(81 / 263, 263)]
    [0.308, 0.2553, 0.3662]
    """
    if isinf(n):
        return Estimate(share, share, share)
    middle = share + _Z * _Z / (2 * n)
    half = _Z * sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    whole = 1 + _Z * _Z / n
    return Estimate(share, max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole))


def plain(sums: Sums) -> Estimate | None:
    """All ballots count alike; None where nobody answered. For one question it is Wilson's interval of its ballots."""
    if not sums.x:
        return None
    share = sums.y / sums.x
    if sums.y in {0, sums.x}:
        return wilson(share, sums.answering)
    spread = sums.spread(share)
    # Answers to several questions can at best be as good as so many ballots with one question.
    n = share * (1 - share) * sums.x**2 / spread if spread else inf
    return wilson(share, min(n, sums.x))


def weighted(strata: Sequence[tuple[Sums, int]]) -> Estimate | None:
    """Each stratum counts as its population, of which it is a simple sample without replacement.

    None where nobody answered, or where a stratum with people has fewer than two ballots: it would be left out, or its
    variance not be known.
    """
    strata = [(sums, people) for sums, people in strata if people]
    if not strata or any(sums.ballots < min(2, people) for sums, people in strata):
        return None
    answers = sum(people / sums.ballots * sums.x for sums, people in strata)
    if not answers:
        return None
    share = sum(people / sums.ballots * sums.y for sums, people in strata) / answers
    n = sum(sums.ballots for sums, _ in strata)
    if all(sums.y == 0 for sums, _ in strata) or all(sums.y == sums.x for sums, _ in strata):
        return wilson(round(share), _as_large(strata))
    variance = sum(_variance(sums, people, share) for sums, people in strata) / answers**2
    return wilson(share, share * (1 - share) / variance * n / (n - 1) if variance else inf)


def _variance(sums: Sums, people: int, share: float) -> float:
    n = sums.ballots
    if n >= people:
        return 0.0
    about_mean = max(0.0, sums.spread(share) - (sums.y - share * sums.x) ** 2 / n)
    return (1 - n / people) * n / (n - 1) * (people / n) ** 2 * about_mean


def _as_large(strata: Sequence[tuple[Sums, int]]) -> float:
    """The effective number of ballots by the weights alone, where all answers are alike and so show no variance."""
    rest = sum(people * (people - sums.ballots) / sums.ballots for sums, people in strata if sums.ballots < people)
    return sum(people for _, people in strata) ** 2 / rest if rest else inf
