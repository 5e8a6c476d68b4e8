"""Names of persons, and ways to reach them, in the cell of a unit: they are no business of a list of tasks."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from typing import Final

from tasks_api.naming import words
from tasks_api.units.rules import PersonWords

_UPPER: Final = "".join(letter for letter in map(chr, range(0x41, 0x1F00)) if letter.isupper())
_CAPITALISED: Final = rf"[{_UPPER}][^\W\d_]*"
_PHONE: Final = r"(?<![\d/])(?:\+?84|0)(?:[\s.\-]?\d){8,10}(?![\d/])"
_EMAIL: Final = r"[\w.+\-]+@[\w\-]+(?:\.[\w\-]+)+"
_AROUND: Final = re.compile(r"[^\W\d_]+(?=[^\S\n]+$)")
_FIRST: Final = re.compile(r"[^\W\d_]+")
_GONE: Final = "\0"
_SHORTEST_ALONE: Final = 3
"""Words of a name that is noticed in the middle of a text; "Đào Tạo" is two."""


class Persons:
    """Finds persons. What is a name of a unit, or a part of one, is none ("phường Nguyễn Trung Trực")."""

    def __init__(self, rules: PersonWords, unit_names: Iterable[str], unit_words: Iterable[str]) -> None:
        self._known = _runs(unit_names)
        titles = _any_of(rules.titles)
        ends = _any_of([*rules.titles, *unit_words])
        name = rf"{_CAPITALISED}(?:[^\S\n]+(?!{ends}\b){_CAPITALISED}){{0,4}}"
        self._reach = re.compile(rf"(?:\b{_any_of(rules.contacts)}\s*[:.]?\s*)?(?:{_PHONE}|{_EMAIL})")
        self._labels = re.compile(rf"\b{_any_of(rules.contacts)}\s*:?\s*(?={_GONE}|$)")
        self._addressed = re.compile(
            rf"(?<!\w)(?:{_any_of(rules.honorifics)}(?!\w)[.:]?[^\S\n]{{0,3}}){{1,3}}(?:{titles}\s+)?(?!{ends}\b)(?P<name>{name})"
        )
        self._bare = re.compile(
            rf"(?<!\w)(?:{'|'.join(re.escape(each) for name in rules.surnames for each in (name, name.upper()))})"
            rf"(?:[^\S\n]+(?!{ends}\b){_CAPITALISED}){{1,4}}"
        )
        self._place = re.compile(rf"\b{_any_of(rules.places)}[^\S\n]+$")
        before = rf"\b{titles}\s*[:\-–]?\s*(?={_GONE})"
        after = rf"(?<={_GONE})\s*[-–,:]?\s*{titles}(?:(?<=phòng)[^,;)\n]*)?(?=\s*(?:[,;)\n–-]|{_GONE}|$))"
        self._titles = re.compile(f"{before}|{after}")

    def without(self, text: str) -> str:
        """The text without persons; the same text when there are none."""
        composed = unicodedata.normalize("NFC", text).replace(_GONE, " ")
        found = self._reach.sub(_GONE, composed)
        found = self._addressed.sub(self._addressed_gone, found)
        found = self._without_bare(found)
        if _GONE not in found:
            return text
        found = self._titles.sub(_GONE, self._labels.sub("", found))
        found = self._titles.sub(_GONE, found)
        return _mended(found)

    def _addressed_gone(self, match: re.Match[str]) -> str:
        return match[0] if self._is_unit(match["name"]) or self._is_unit(match[0]) else _GONE

    def _without_bare(self, text: str) -> str:
        """The text without names that stand without a form of address."""
        at = 0
        while match := self._bare.search(text, at):
            if self._is_person(match):
                text = text[: match.start()] + _GONE + text[match.end() :]
                at = match.start() + 1
            else:
                at = match.start() + len(match[0].split()[0])
        return text

    def _is_person(self, match: re.Match[str]) -> bool:
        text, start, end = match.string, match.start(), match.end()
        if self._place.search(text, 0, start) or self._is_unit(match[0]) or self._begins_inside(text, start):
            return False
        alone = not text[:start].rstrip(" ")[-1:].isalnum() and not text[end:].lstrip(" ")[:1].isalnum()
        return alone or len(match[0].split()) >= _SHORTEST_ALONE

    def _begins_inside(self, text: str, at: int) -> bool:
        """Whether the word there belongs to a unit's name together with the word before it ("xã Xuân Dương")."""
        around = _AROUND.search(text[:at]), _FIRST.match(text, at)
        return all(around) and tuple(words.key(each[0]) for each in around if each) in self._known

    def _is_unit(self, name: str) -> bool:
        """Whether it begins like the name of a unit, or stands inside one."""
        said = [word.key for word in words.read(name)]
        return any(tuple(said[:size]) in self._known for size in range(2, len(said) + 1))


def _runs(names: Iterable[str]) -> Collection[tuple[str, ...]]:
    """All runs of two words or more of these names."""
    found: set[tuple[str, ...]] = set()
    for name in names:
        said = [key for key, _ in words.keys(name)]
        found.update(tuple(said[at:end]) for at in range(len(said)) for end in range(at + 2, len(said) + 1))
    return found


def _any_of(phrases: Iterable[str]) -> str:
    """A pattern for any of these phrases, in capitals or not, longest first."""
    ordered = sorted(phrases, key=len, reverse=True)
    return "(?i:" + "|".join(re.escape(each).replace(r"\ ", r"\s+") for each in ordered) + ")"


def _mended(text: str) -> str:
    """The rest of a text, without the marks that stood around what is gone."""
    text = re.sub(rf"\([^()]*{_GONE}[^()]*\)?", " ", text)
    text = re.sub(rf"[-–,: \t]*{_GONE}(?:[-–,:. \t]*{_GONE})*", _GONE, text)
    text = re.sub(rf"^{_GONE}[\s,:;.–-]*|(?<=[;\n]){_GONE}[^\S\n]*[,:;.–-]*", "", text).replace(_GONE, " ")
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" *([;,])(?: *[;,])+", r"\1", text)
    text = re.sub(r" +(?=[;,\n)])", "", text)
    return text.strip(" ,;:–-\n")
