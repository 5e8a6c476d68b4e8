"""Splits a wording into symbols: numbers, marks, and words by what they mean."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

from cchc_shared.contract.provenance import Text
from tasks_api.deadlines.numerals import CENTURY, all_spoken
from tasks_api.deadlines.rules import DeadlineRules, Meaning

SYMBOLS: Final = frozenset(
    [
        "day", "week", "month", "quarter", "year", "hour", "period", "working", "half", "first", "last", "before",
        "by", "until", "in", "from", "after", "when", "soon", "now", "onward", "following_years", "issue",
        "document", "every", "periodic", "time", "daily", "weekly", "monthly", "quarterly", "half_yearly", "yearly",
        "years", "continuous", "weekday", "sunday", "this", "of", "and", "numbered", "tentative", "blank",
    ]
)  # fmt: skip
"""What a word of time may be. The rules give the words of each."""

NEUTRAL, ACTION, FILLER, UNKNOWN, REASON, QUESTION = "", "~", "_", "?", "reason", "question"

_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_DASHES: Final = re.compile(r"[\u2010-\u2015\u2212~]|(?<=\s)=>(?=\s)|→")
_QUOTES: Final = str.maketrans(dict.fromkeys("\"“”‘’'*"))
# "QIII" and "T6" are two words each; every other run of letters is one.
_PIECE: Final = re.compile(r"[0-9]+|[qQ](?=[iIvV]{1,3}\b)|[^\W\d_]+|\S")
_ROMAN: Final = frozenset(("i", "ii", "iii", "iv", "v", "vi"))
_COUNTED: Final = ("day", "month", "week")
"""Units that stand behind their number."""
_NUMBERED: Final = ("day", "month", "quarter", "weekday", "year")
"""Units that stand before it."""


class Token(NamedTuple):
    """A symbol, and where its words stand in the text."""

    symbol: str
    start: int
    end: int


def cleaned(wording: str) -> str:
    """Composed letters, single spaces, one kind of dash; no quotation marks, and nothing that nobody sees."""
    text = unicodedata.normalize("NFC", wording).translate(_QUOTES)
    visible = "".join(each for each in text if unicodedata.category(each) != "Cf")
    return " ".join(_DASHES.sub("-", visible).split())


@lru_cache(maxsize=8192)
def key(word: str) -> str:
    """A word with its tone mark behind its letters: "hoà", "hòa" and "HÒA" have the same."""
    letters = unicodedata.normalize("NFD", word.casefold())
    tones = "".join(each for each in letters if each in _TONES)
    return unicodedata.normalize("NFC", "".join(each for each in letters if each not in _TONES)) + tones


def keys(phrase: str) -> tuple[str, ...]:
    """The keys of the words of a phrase."""
    return tuple(key(word) for word in phrase.split())


class Lexicon:
    """Phrases of the rules, and numbers in words."""

    def __init__(self, rules: DeadlineRules) -> None:
        if strange := set(rules.words) ^ SYMBOLS:
            raise ValueError(f"words of deadlines: unknown or missing {sorted(strange)}")
        self.reasons: tuple[Text, ...] = tuple(each.text for each in rules.reasons)
        self.questions: tuple[Text, ...] = tuple(each.text for each in rules.questions)
        self._phrases: dict[tuple[str, ...], str] = {}
        self._add(NEUTRAL, rules.neutral)
        self._add(FILLER, rules.filler)
        self._add(ACTION, rules.actions)
        self._add_meanings(REASON, rules.reasons)
        self._add_meanings(QUESTION, rules.questions)
        for symbol, words in rules.words.items():
            self._add(symbol, words)
        self._numbers = {keys(words): number for words, number in all_spoken()}
        self._longest = max(map(len, (*self._phrases, *self._numbers)))
        self._five = key("năm")

    def tokens(self, text: str) -> list[Token]:
        """The symbols of a cleaned text in their order, neutral words left out."""
        pieces = [(found[0], key(found[0]), found.start(), found.end()) for found in _PIECE.finditer(text)]
        words = [each[1] for each in pieces]
        tokens: list[Token] = []
        at = 0
        while at < len(words):
            before = tokens[-1].symbol if tokens else ""
            symbol, length = self._number(words, at, before) or self._phrase(words, at)
            start, end = pieces[at][2], pieces[at + length - 1][3]
            if symbol == "." and before != "quarter" and not _within_number(text, start, end):
                symbol = ";"
            # "17:00" is an hour; "Đợt 1: 30/6" is not.
            if symbol == ":" and not (text[start - 1 : start].isdecimal() and text[end : end + 1].isdecimal()):
                symbol = ","
            if symbol != NEUTRAL:
                tokens.append(Token(symbol, start, end))
            at += length
        return tokens

    def _phrase(self, words: list[str], at: int) -> tuple[str, int]:
        for length in range(min(self._longest, len(words) - at), 0, -1):
            symbol = self._phrases.get(tuple(words[at : at + length]))
            if symbol is not None and not (symbol == "month" and words[at] == "t" and not _follows(words, at)):
                return symbol, length
        word = words[at]
        if word in _ROMAN:
            return word.upper(), 1
        return (UNKNOWN if word[0].isalpha() else word), 1

    def _number(self, words: list[str], at: int, before: str) -> tuple[str, int] | None:
        """A number in words, where a number is to be expected; "năm" is the word for "year" too."""
        if not words[at][0].isalpha():
            return None
        for length in range(min(self._longest, len(words) - at), 0, -1):
            number = self._numbers.get(tuple(words[at : at + length]))
            if number is None:
                continue
            following = words[at + length] if at + length < len(words) else ""
            if before in _NUMBERED and (before == "year") == (number >= CENTURY):
                # "tháng năm 2026" may be a month that was left blank.
                if words[at : at + length] == [self._five] and (following[:1].isdecimal() or before == "quarter"):
                    return None
                return str(number), length
            if self._phrases.get((following,)) in _COUNTED and number < CENTURY and before != "weekday":
                return str(number), length
        return None

    def _add(self, symbol: str, phrases: Iterable[str]) -> None:
        for phrase in phrases:
            if self._phrases.setdefault(keys(phrase), symbol) != symbol:
                raise ValueError(f"words of deadlines: “{phrase}” has two meanings")

    def _add_meanings(self, symbol: str, meanings: Iterable[Meaning]) -> None:
        for number, meaning in enumerate(meanings):
            self._add(f"{symbol}:{number}", meaning.words)


def _within_number(text: str, start: int, end: int) -> bool:
    """Whether a full stop stands within a date ("30.6.2026", "30. 6. 2026", "II.2026") and ends no sentence."""
    if text[end : end + 1].isdecimal():
        return text[start - 1 : start].isalnum()
    return text[start - 1 : start].isdecimal() and text[end : end + 2].strip()[:1].isdecimal()


def _follows(words: list[str], at: int) -> bool:
    """Whether a number follows: "T" alone is no month."""
    return at + 1 < len(words) and words[at + 1].isdecimal()
