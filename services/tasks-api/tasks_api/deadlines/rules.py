"""The words in which a city's documents say deadlines, and the bounds on years: part of `task_rules.yaml`."""

import msgspec

from cchc_shared.contract.provenance import Provenance, Text


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words after which no date may be derived, and what is then said about the deadline."""

    vi: str
    en: str
    words: tuple[str, ...]

    @property
    def text(self) -> Text:
        """What is said."""
        return Text(self.vi, self.en)


class PlausibleYears(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Bounds on the distance between the year of a deadline and the year of issue."""

    before: int
    after: int
    source: str
    status: Provenance


class DeadlineRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words by what they mean. A word that stands nowhere here keeps a wording from getting a date."""

    source: str
    status: Provenance
    words: dict[str, tuple[str, ...]]
    """Words of time by their symbol in the grammar (`SYMBOLS` of `words.py`)."""
    reasons: tuple[Meaning, ...]
    """What comes after such words names something else than a last day: there is no date."""
    questions: tuple[Meaning, ...]
    """Wherever such a word stands, somebody must say which day is meant."""
    neutral: tuple[str, ...]
    """Words between a word of time and its number that change nothing."""
    actions: tuple[str, ...]
    """What is done by the day that follows ("trình 30/6/2026"): words that say nothing about time."""
    filler: tuple[str, ...]
    """Things and offices. A span right behind one may be part of its name ("báo cáo quý II/2026"): no date."""
