"""What the words of a report point to, and what may be missing in the draft of its answer. Pure: it advises."""

import re
from collections.abc import Iterator, Sequence, Set
from enum import StrEnum
from typing import Final

import msgspec

from cchc_shared.contract.codes import Severity
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.screening import MASKS, Identifier, screen
from cchc_shared.contract.wording import unmarked
from feedback_api.advice.rules import AdviceRules, WordRule
from feedback_api.advice.words import Phrases, Reading, Spans, cited, standing, without
from feedback_api.similar.domain import telling_words


class Suggestion(msgspec.Struct, frozen=True):
    """A code that words of the report point to; the words as they stand there."""

    code: str
    words: Sequence[str]
    why: Text | None = None


class Suggestions(msgspec.Struct, frozen=True, kw_only=True):
    """What may be decided of a report. A person decides."""

    refusals: Sequence[Suggestion] = ()
    severity: Suggestion | None = None
    categories: Sequence[Suggestion] = ()


class Mark(StrEnum):
    """What may be missing in an answer, or too much."""

    STOCK_PHRASES = "stock_phrases"
    SHORT = "short"
    NO_WORD_OF_REPORT = "no_word_of_report"
    PROMISE_WITHOUT_DATE = "promise_without_date"
    PERSONAL_DATA = "personal_data"
    NO_EVIDENCE = "no_evidence"
    SAME_TEXT = "same_text"
    STANDARD_REPLY_ALONE = "standard_reply_alone"


class Marked(msgspec.Struct, frozen=True):
    mark: Mark
    said: Text


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """An answer with what is known beside it. `same_text` counts other reports that were answered with these words."""

    answer: str
    report: str
    lacks_evidence: bool = False
    same_text: int = 0
    standard_reply: str | None = None
    """Title of the standard reply that it is, with nothing added."""


_DAY_AND_MONTH: Final = re.compile(r"\d{1,2}\s?[/.-]\s?\d{1,2}(?!\d)")
_DATE_UNMARKED: Final = re.compile(
    r"\bngay \d|\d ?(ngay|gio|phut|tuan|thang)\b|\bthang \d|\bquy ([1-4]|iv|i{1,3})\b|\bnam 20\d\d"
)


class Adviser:
    """The word lists of the city, ready to be looked for."""

    def __init__(self, rules: AdviceRules) -> None:
        suggestions, marks = rules.suggestions, rules.marks
        self._rules = rules
        self._empty = rules.empty_words.unmarked
        self._negations = Phrases(suggestions.negations, short=True)
        self._spoken_of = Phrases(suggestions.spoken_of, short=True)
        self._citations = Phrases(suggestions.citations, short=True)
        self._refusals = [(rule, _compiled(rule)) for rule in suggestions.refusals]
        self._severities = [(rule, _compiled(rule)) for rule in suggestions.severities]
        self._categories = [(rule, _compiled(rule)) for rule in suggestions.categories]
        self._stock = Phrases(marks.stock_phrases)
        self._promises = Phrases(marks.promises)
        self._dates = Phrases(marks.dates_in_words)

    def suggest(self, words: str, severity: Severity, category: str | None) -> Suggestions:
        """What the words of a report point to, beside what it is classified as."""
        text = self._reading(words)
        quoted = cited(text, self._citations)
        taken_back = self._negations.ends(text)
        spoken_of = taken_back | self._spoken_of.ends(text)
        refusals = [
            Suggestion(rule.reason, found, rule.why)
            for rule, phrases in self._refusals
            if (found := _found(text, phrases, quoted, spoken_of))
        ]
        severities = [
            Suggestion(rule.severity, found, rule.why)
            for rule, phrases in self._severities
            if rule.severity is not severity and (found := _found(text, phrases, quoted, taken_back))
        ]
        categories = [
            Suggestion(rule.category, found)
            for rule, phrases in self._categories
            if rule.category != category and (found := _found(text, phrases))
        ]
        categories.sort(key=lambda each: -len(each.words))
        return Suggestions(refusals=refusals, severity=next(iter(severities), None), categories=categories)

    def marks(self, draft: Draft) -> Sequence[Marked]:
        """What whoever approves the draft may want to look at."""
        return [*self._of_words(draft), *_of_facts(draft, self._rules.marks.same_text.reports)]

    def _of_words(self, draft: Draft) -> Iterator[Marked]:
        rules, text = self._rules.marks, self._reading(draft.answer)
        words = len(text.words)
        own = sum(word.plain not in self._empty for word in without(text, self._stock.spans(text)))
        if own < rules.least_own_words:
            yield _marked(
                Mark.STOCK_PHRASES,
                f"gần như chỉ có câu mẫu: ngoài ra còn {own} từ",
                f"hardly more than stock phrases: {own} words beside them",
            )
        if words < rules.least_words:
            yield _marked(Mark.SHORT, f"rất ngắn: {words} từ", f"very short: {words} words")
        theirs = telling_words(draft.report, self._empty)
        if theirs and theirs.isdisjoint(telling_words(draft.answer, self._empty)):
            yield _marked(
                Mark.NO_WORD_OF_REPORT, "không nhắc đến điều gì của phản ánh", "has no word of what was reported"
            )
        if promise := self._promise_without_date(text):
            yield _marked(
                Mark.PROMISE_WITHOUT_DATE,
                f"hứa mà không nêu ngày: “{promise}”",
                f"a promise without a date: “{promise}”",
            )
        if kinds := self._personal_data(draft.answer):
            named = ", ".join(MASKS[kind].strip("[]") for kind in kinds)
            yield _marked(
                Mark.PERSONAL_DATA,
                f"có dữ liệu có thể là của cá nhân: {named}",
                f"may hold personal data: {', '.join(kinds)}",
            )

    def _promise_without_date(self, text: Reading) -> str | None:
        dated = {text.words[span.start].sentence for span in self._dates.spans(text)}
        for span in self._promises.spans(text):
            sentence = text.words[span.start].sentence
            if sentence not in dated:
                if not _has_date(text.sentences[sentence]):
                    return text.written(span)
                dated.add(sentence)
        return None

    def _personal_data(self, answer: str) -> Sequence[Identifier]:
        office = self._rules.marks.office_mail
        found: dict[Identifier, None] = {}
        for finding in screen(answer).findings:
            written = answer[finding.start : finding.end].casefold()
            if finding.kind is not Identifier.EMAIL or not written.endswith(office):
                found[finding.kind] = None
        return list(found)

    def _reading(self, text: str) -> Reading:
        return Reading(text, self._rules.suggestions.marked_from)


def _has_date(sentence: str) -> bool:
    """Whether digits say when: a day, a month, a quarter, or for how long."""
    return bool(_DAY_AND_MONTH.search(sentence) or _DATE_UNMARKED.search(unmarked(sentence)))


def _of_facts(draft: Draft, reports: int) -> Iterator[Marked]:
    if draft.lacks_evidence:
        yield _marked(
            Mark.NO_EVIDENCE,
            "chưa có ảnh hoặc tài liệu sau xử lý",
            "no picture or document of the work done is attached",
        )
    if draft.standard_reply is not None:
        yield _marked(
            Mark.STANDARD_REPLY_ALONE,
            f"là nguyên văn mẫu “{draft.standard_reply}”, chưa thêm gì",
            f"is the standard reply “{draft.standard_reply}”, with nothing added",
        )
    elif draft.same_text >= reports:
        yield _marked(
            Mark.SAME_TEXT,
            f"nguyên văn này đã trả lời {draft.same_text} phản ánh khác",
            f"the same words answered {draft.same_text} other reports",
        )


def _marked(mark: Mark, vi: str, en: str) -> Marked:
    return Marked(mark, Text(vi, en))


def _compiled(rule: WordRule) -> tuple[Phrases, Phrases]:
    return Phrases(rule.any), Phrases(rule.unless, short=True)


def _found(
    text: Reading, phrases: tuple[Phrases, Phrases], quoted: Spans = (), taken_back: Set[int] = frozenset()
) -> Sequence[str]:
    """The words that stand and mean what they say, each once."""
    wanted, unless = phrases
    spans = standing(text, wanted, [unless.spans(text), quoted], taken_back)
    return list(dict.fromkeys(text.written(span).casefold() for span in spans))
