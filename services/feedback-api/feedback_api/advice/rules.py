"""What the city's document of advice says of words in reports and in drafts of answers."""

from collections.abc import Collection
from typing import Annotated

import msgspec
from msgspec import Meta

from cchc_shared.contract.codes import Severity
from cchc_shared.contract.provenance import Provenance, Text
from feedback_api.similar.rules import EmptyWords, Phrases, Share

Count = Annotated[int, Meta(ge=1, le=1000)]


class WordRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that point to something, and in which other words they do not."""

    any: Phrases
    unless: Phrases = ()


class RefusalWords(WordRule, frozen=True, kw_only=True):
    """Words of what is no report; `reason` is a code of the city's list."""

    reason: str
    why: Text


class SeverityWords(WordRule, frozen=True, kw_only=True):
    severity: Severity
    why: Text


class CategoryWords(WordRule, frozen=True, kw_only=True):
    category: str


class Suggesting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All words that point to something in a report."""

    source: str
    status: Provenance
    marked_from: Share
    negations: Phrases
    spoken_of: Phrases
    citations: Phrases
    refusals: tuple[RefusalWords, ...]
    severities: tuple[SeverityWords, ...]
    categories: tuple[CategoryWords, ...]

    def check_codes(self, reasons: Collection[str], categories: Collection[str]) -> None:
        """Raise `ValueError` if a code is in none of the city's lists."""
        strangers = {rule.reason for rule in self.refusals} - set(reasons)
        strangers |= {rule.category for rule in self.categories} - set(categories)
        if strangers:
            raise ValueError(f"suggestions: no such code: {', '.join(sorted(strangers))}")


class SameText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reports: Count
    within_days: Count


class Marking(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be missing in the draft of an answer. Words are counted in syllables."""

    source: str
    status: Provenance
    least_words: Count
    least_own_words: Count
    stock_phrases: Phrases
    promises: Phrases
    dates_in_words: Phrases
    office_mail: Phrases
    same_text: SameText


class AdviceRules(msgspec.Struct, frozen=True, kw_only=True):
    """The part of the document that this feature reads."""

    empty_words: EmptyWords
    suggestions: Suggesting
    marks: Marking
