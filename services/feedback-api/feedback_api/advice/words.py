"""Finds phrases in a Vietnamese text as whole words, with their marks where the text has marks. Pure."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final, NamedTuple
from unicodedata import normalize

from cchc_shared.contract.wording import unmarked

_WORD: Final = re.compile(r"\w+")
_BETWEEN_SENTENCES: Final = re.compile(r"[.!?;:…]+(\s|$)|\n")
_QUOTED: Final = re.compile(r"“[^“”]*”|\"[^\"]*\"|«[^«»]*»")
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
CITED_WITHIN: Final = 8
"""So many words before a quotation may say where it is quoted from."""


class Word(NamedTuple):
    """A syllable, from `start` to before `end` of its text."""

    marked: str
    plain: str
    sentence: int
    start: int
    end: int


class Span(NamedTuple):
    """Words of a text, from the first to before the last, counted from 0."""

    start: int
    end: int


Spans = Sequence[Span]
"""In order, none within another: so both their starts and their ends grow."""


class Reading:
    """A text as words. It has marks if at least the share `marked_from` of its words does."""

    def __init__(self, text: str, marked_from: float) -> None:
        self.text = text
        self.words = list(_words(text))
        marked = sum(word.marked != word.plain for word in self.words)
        self.has_marks = marked > 0 and marked >= marked_from * len(self.words)

    def written(self, span: Span) -> str:
        """The words as they stand in the text."""
        return self.text[self.words[span.start].start : self.words[span.end - 1].end]

    @cached_property
    def sentences(self) -> Mapping[int, str]:
        """What is said in each sentence, by number."""
        bounds: dict[int, tuple[int, int]] = {}
        for word in self.words:
            start, _ = bounds.get(word.sentence, (word.start, word.end))
            bounds[word.sentence] = start, word.end
        return {number: self.text[start:end] for number, (start, end) in bounds.items()}

    @cached_property
    def quotations(self) -> Spans:
        """What stands between quotation marks."""
        starts = [word.start for word in self.words]
        found = (
            Span(bisect_left(starts, quoted.start()), bisect_left(starts, quoted.end()))
            for quoted in _QUOTED.finditer(self.text)
        )
        return [span for span in found if span.start < span.end]


def _words(text: str) -> Iterable[Word]:
    sentence, end = 0, 0
    for found in _WORD.finditer(text):
        if _BETWEEN_SENTENCES.search(text, end, found.start()):
            sentence += 1
        end = found.end()
        yield Word(*_spelt(found[0]), sentence, found.start(), end)


@lru_cache(8192)
def _spelt(word: str) -> tuple[str, str]:
    """As it is written, wherever its tone stands ("hoà" and "hòa" are one word), and without marks.

    Kept, because the language has some thousand syllables and each text has the same.
    """
    parts = normalize("NFD", word.casefold().replace("đ", "d\u0335"))
    tones = "".join(part for part in parts if part in _TONES)
    marked = "".join(part for part in parts if part not in _TONES) + tones
    return marked, unmarked(word).replace(" ", "")


class Phrases:
    """Phrases by their first word. In a text without marks, those of one syllable are found only if `short` says so."""

    def __init__(self, phrases: Iterable[str], *, short: bool = False) -> None:
        self._short = short
        self._by_first: dict[str, list[tuple[Word, ...]]] = {}
        for phrase in phrases:
            words = tuple(_words(phrase))
            if not words:
                raise ValueError(f"a phrase has no word: {phrase!r}")
            self._by_first.setdefault(words[0].plain, []).append(words)

    def spans(self, text: Reading) -> Spans:
        """Where they stand; one that stands within another is left out."""
        longest: dict[int, int] = {}
        for start, end in self._everywhere(text):
            longest[start] = max(end, longest.get(start, 0))
        found, reached = list[Span](), 0
        for start, end in longest.items():
            if end > reached:
                reached = end
                found.append(Span(start, end))
        return found

    def ends(self, text: Reading) -> Set[int]:
        """The words that directly follow any of them."""
        return {span.end for span in self._everywhere(text)}

    def _everywhere(self, text: Reading) -> Iterator[Span]:
        for at, word in enumerate(text.words):
            for phrase in self._by_first.get(word.plain, ()):
                if self._stands(text, at, phrase):
                    yield Span(at, at + len(phrase))

    def _stands(self, text: Reading, at: int, phrase: Sequence[Word]) -> bool:
        words = text.words[at : at + len(phrase)]
        if len(words) < len(phrase) or words[0].sentence != words[-1].sentence:
            return False
        pairs = zip(words, phrase, strict=True)
        if text.has_marks or (len(phrase) == 1 and not self._short):
            return all(word.marked == wanted.marked for word, wanted in pairs)
        return all(word.plain == wanted.plain for word, wanted in pairs)


def within(span: Span, others: Spans) -> bool:
    """Whether it stands within one of them."""
    at = bisect_right(others, span.start, key=lambda other: other.start) - 1
    return at >= 0 and span.end <= others[at].end


def cited(text: Reading, citations: Phrases) -> Spans:
    """The quotations before which a document is named: they say what the document says."""
    named = [span.start for span in citations.spans(text)]

    def is_cited(quoted: Span) -> bool:
        before = bisect_left(named, quoted.start)
        return before > 0 and named[before - 1] >= quoted.start - CITED_WITHIN

    return list(filter(is_cited, text.quotations))


def standing(text: Reading, phrases: Phrases, apart: Sequence[Spans], taken_back: Set[int] = frozenset()) -> Spans:
    """Where phrases stand that mean what they say: not within one of `apart`, and not taken back by the word before."""
    return [
        span
        for span in phrases.spans(text)
        if span.start not in taken_back and not any(within(span, spans) for spans in apart)
    ]


def without(text: Reading, spans: Spans) -> Sequence[Word]:
    """The words of a text that stand in none of the spans."""
    bounds = [Span(0, 0), *spans, Span(len(text.words), len(text.words))]
    return [word for one, other in pairwise(bounds) for word in text.words[one.end : other.start]]
