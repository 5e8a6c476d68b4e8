"""How alike two reports are: in words, in place, in time, in category. Pure."""

import re
from collections.abc import Collection, Iterable, Sequence, Set
from datetime import datetime
from math import cos, fsum, hypot, radians, sqrt
from typing import Final, NamedTuple, Self

import msgspec

from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from feedback_api.places.domain import METRES_PER_DEGREE, Position
from feedback_api.reports.domain import Feedback
from feedback_api.similar.rules import SimilarRule, Weights

_SYLLABLE: Final = re.compile(r"\w+")


COMPARED: Final = 2000
"""So many characters of a report are compared, from its beginning."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What is compared of a report; columns of the table `feedback`."""

    code: str
    category: str | None
    title: str | None
    content: str
    lat: float | None
    lon: float | None
    received_at: datetime

    @classmethod
    def of(cls, report: Feedback) -> Self:
        fields = {name: getattr(report, name) for name in cls.__struct_fields__}
        return cls(**fields | {"content": report.content[:COMPARED]})

    @property
    def position(self) -> Position | None:
        return None if self.lat is None or self.lon is None else Position(self.lat, self.lon)

    @property
    def words(self) -> str:
        return f"{self.title or ''}\n{self.content}"


class Likeness(NamedTuple):
    """How alike another report is. `score` lies between 0 and 1; `distance_m` is None where one has no place."""

    code: str
    score: float
    distance_m: float | None
    days: float
    same_category: bool | None
    common: Set[str]
    """Syllables that both have, without marks."""

    @property
    def reasons(self) -> Sequence[Text]:
        """Why it is proposed, in words."""
        said = []
        if self.distance_m is not None:
            metres = round(self.distance_m)
            said.append(
                Text(f"cách khoảng {metres} mét", f"about {metres} metres apart")
                if metres
                else Text("cùng một chỗ", "at the same place")
            )
        days = round(self.days)
        said.append(
            Text(f"gửi cách nhau {days} ngày", f"received {days} days apart")
            if days
            else Text("gửi trong vòng một ngày", "received within a day")
        )
        if self.same_category:
            said.append(Text("cùng lĩnh vực", "of the same category"))
        count = len(self.common)
        said.append(Text(f"{count} từ giống nhau", f"{count} words in common"))
        return said


def metres_between(one: Position, other: Position) -> float:
    """The distance of two places that are not far from each other: right to 0.1 % within a few kilometres."""
    east = (other.lon - one.lon) * cos(radians((one.lat + other.lat) / 2))
    return hypot(east, other.lat - one.lat) * METRES_PER_DEGREE


def telling_words(text: str, empty_words: Collection[str]) -> Set[str]:
    """The syllables of a text that say something, without marks."""
    return set(unmarked(text).split()).difference(empty_words)


def as_written(text: str, words: Set[str]) -> Sequence[str]:
    """These syllables as the text first writes them, in its order."""
    found: dict[str, str] = {}
    for written in _SYLLABLE.findall(text):
        if (plain := unmarked(written)) in words:
            found.setdefault(plain, written)
    return list(found.values())


def alike(one: Told, others: Iterable[Told], rule: SimilarRule, empty_words: Collection[str]) -> Sequence[Likeness]:
    """Those of the others that may tell the same, the most alike first, at most `rule.proposed`."""
    words = telling_words(one.words, empty_words)
    compared = (_likeness(one, words, other, rule, empty_words) for other in others)
    found = [
        each
        for each in compared
        if each.score >= rule.proposed_from
        and len(each.common) >= rule.least_words_in_common
        and (each.distance_m is None or each.distance_m <= rule.within_m)
        and each.days <= rule.within_days
    ]
    found.sort(key=lambda each: (-each.score, each.code))
    return found[: rule.proposed]


def _likeness(one: Told, words: Set[str], other: Told, rule: SimilarRule, empty_words: Collection[str]) -> Likeness:
    theirs = telling_words(other.words, empty_words)
    common = words & theirs
    here, there = one.position, other.position
    distance = None if here is None or there is None else metres_between(here, there)
    days = abs((one.received_at - other.received_at).total_seconds()) / 86_400
    same_category = None if one.category is None or other.category is None else one.category == other.category
    score = _mean(
        rule.weights,
        # Ochiai's measure: a short text and a long one that tell the same are more alike by it than by Jaccard's.
        words=len(common) / sqrt(len(words) * len(theirs)) if common else 0.0,
        place=None if distance is None else max(0.0, 1 - distance / rule.within_m),
        days=max(0.0, 1 - days / rule.within_days),
        category=None if same_category is None else float(same_category),
    )
    return Likeness(other.code, score, distance, days, same_category, common)


def _mean(weights: Weights, **parts: float | None) -> float:
    """The weighted mean of what is known."""
    known = [(getattr(weights, name), part) for name, part in parts.items() if part is not None]
    return fsum(weight * part for weight, part in known) / fsum(weight for weight, _ in known)


def rounded(position: Position, decimals: int) -> Position:
    """The place as everyone may know it."""
    return Position(round(position.lat, decimals), round(position.lon, decimals))
