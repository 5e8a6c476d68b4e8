"""The words of a cell, in a form in which all spellings of a word are equal, with the marks between them."""

import re
import unicodedata
from collections.abc import Container, Iterator
from functools import lru_cache
from typing import Final, NamedTuple

AND: Final = "&"
"""The mark that is read for itself, for "+" and for the word of the same meaning."""

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_TOKEN: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+|[^\W_]+")
_DOTTED: Final = re.compile(r"\b([^\W\d_])\.(?=[^\W\d_]\b)")
_NUMBERING: Final = re.compile(r"(?:(?<=[\n;])|^)[^\S\n]*\(?(?:\d{1,2}|[a-z\u0111](?=\)))[.)]+(?!\d)")
_NUMBERED: Final = re.compile(r"\(\d{1,2}\)")
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
_BULLETS: Final = re.compile("[•●▪◦·*]")
_MARKS: Final = frozenset(";,/\n:.()-&|")


class Word(NamedTuple):
    """A word with the marks that stand before it; `start` and `end` are its place in the text."""

    key: str
    gap: str
    start: int
    end: int


@lru_cache(maxsize=8192)
def key(word: str) -> str:
    """The word in lower case with its tone behind it: "Hoà" and "hòa" are one key, "hoa" is another."""
    if word.isascii():
        return word.lower()
    letters = unicodedata.normalize("NFD", word.casefold())
    tones = "".join(letter for letter in letters if letter in _TONES)
    return unicodedata.normalize("NFC", "".join(letter for letter in letters if letter not in _TONES)) + tones


def keys(text: str) -> list[tuple[str, str]]:
    """Each word's key with the marks before it."""
    return [(word.key, word.gap) for word in read(tidy(text))]


def tidy(text: str) -> str:
    """Composed letters, one kind of dash and bullet, no dots inside abbreviations, no numbering of lines."""
    text = _NUMBERED.sub("\n", unicodedata.normalize("NFC", text))
    text = _BULLETS.sub("\n", _DASHES.sub("-", text)).replace("\r", "\n")
    return _DOTTED.sub(r"\1", _NUMBERING.sub(" ", text))


def read(text: str, codes: Container[str] = ()) -> list[Word]:
    """The words of a tidy text. What stands in `codes` is one word, hyphens included."""
    words: list[Word] = []
    gap, at = "", 0
    for start, end in _spans(text, codes):
        gap += "".join(mark for mark in text[at:start].replace("+", AND) if mark in _MARKS)
        at = end
        found = key(text[start:end])
        if found == _AND_WORD:
            gap += AND
            continue
        words.append(Word(found, gap if words else "", start, end))
        gap = ""
    return words


def _spans(text: str, codes: Container[str]) -> Iterator[tuple[int, int]]:
    for token in _TOKEN.finditer(text):
        start, word = token.start(), token[0]
        if "-" in word and word not in codes:
            for part in re.finditer(r"[^-]+", word):
                yield start + part.start(), start + part.end()
            continue
        if word[1:].islower():
            yield start, token.end()
            continue
        # A line break that was lost leaves "vụSở".
        cuts = [place for place in range(1, len(word) - 1) if _runs_together(word[place - 1 : place + 2])]
        for begin, end in zip([0, *cuts], [*cuts, len(word)], strict=True):
            yield start + begin, start + end


def _runs_together(letters: str) -> bool:
    return letters[0].islower() and letters[1].isupper() and letters[2].islower()


_AND_WORD: Final = key("và")
