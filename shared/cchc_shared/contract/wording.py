"""Vietnamese words in a form in which two spellings of the same words are equal."""

import re
import unicodedata
from typing import Final, NamedTuple

REMEMBERED: Final = 0x2100
"""Characters below are kept in the table: all of Latin, punctuation, and the marks that are typed on their own."""

MOST_VOWELS: Final = 3
"""Of a Vietnamese syllable."""
_TONES: Final = frozenset("\u0300\u0301\u0303\u0309\u0323")
_VOWELS: Final = frozenset("aeiouy")
_CHUNK: Final = re.compile(r'["“”]([^"“”]*)["“”]|([^\s"“”]+)')
_WORD: Final = re.compile(r"(?:[^\W_]|[\u0300-\u036f])+")


class _Table(dict[int, str]):
    """What becomes of a character: letters and digits without marks, nothing of a mark, a blank of all others.

    Filled as characters occur. A text is translated in a quarter of the time that decomposing it as a whole takes.
    """

    def __missing__(self, number: int) -> str:
        decomposed = unicodedata.normalize("NFD", chr(number).casefold()).replace("đ", "d")
        plain = "".join(
            each if each.isascii() and each.isalnum() else "" if unicodedata.combining(each) else " "
            for each in decomposed
        )
        if number < REMEMBERED:
            self[number] = plain
        return plain


_TABLE: Final = _Table()


def unmarked(text: str) -> str:
    """Letters and digits without marks, single spaces between: "Sản phẩm/ Kết quả" is "san pham ket qua".

    Capitals, either style of tone marks ("hoà", "hòa") and either form of Unicode make no difference.
    """
    return " ".join(text.translate(_TABLE).split())


class Sought(NamedTuple):
    """What somebody looks for, as `sought` reads it."""

    phrases: tuple[str, ...]
    """Unmarked words; those of one phrase follow one another. All must be there."""
    marked: tuple[frozenset[str], ...]
    """For each word typed with marks the spellings in which it counts, itself without any mark among them."""

    @property
    def words(self) -> list[str]:
        """The single words of all phrases."""
        return [word for phrase in self.phrases for word in phrase.split()]


def sought(query: str) -> Sought:
    """Read a query as people type it: words in any order, and phrases in quotation marks or joined ("PA-26-000001").

    A word typed without marks finds every word that is spelt so without its marks. A word typed with marks finds
    itself, in either style of tone marks, and itself written without any, as many people write; no other marks.
    """
    chunks = [quoted or plain for quoted, plain in _CHUNK.findall(unicodedata.normalize("NFC", query).lower())]
    words = [word for chunk in chunks for word in _WORD.findall(chunk) if not word.isascii()]
    return Sought(
        phrases=tuple(filter(None, map(unmarked, chunks))),
        marked=tuple(_spellings(word) | {unmarked(word)} for word in words if unmarked(word).isalnum()),
    )


def _spellings(word: str) -> frozenset[str]:
    """A lower-case word with its tone mark on each of its vowels in turn: habits differ ("hoà", "hòa")."""
    letters = [unicodedata.normalize("NFD", letter) for letter in word]
    tones = [mark for letter in letters for mark in letter if mark in _TONES]
    toneless = ["".join(mark for mark in letter if mark not in _TONES) for letter in letters]
    vowels = [place for place, letter in enumerate(toneless) if letter[:1] in _VOWELS]
    if len(tones) != 1 or len(vowels) > MOST_VOWELS:
        return frozenset((word,))
    return frozenset(
        unicodedata.normalize("NFC", "".join([*toneless[: place + 1], tones[0], *toneless[place + 1 :]]))
        for place in vowels
    ) | {word}
