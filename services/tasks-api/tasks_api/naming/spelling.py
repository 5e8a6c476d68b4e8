"""How one name is written: in full, with short forms of its words, with initials, joined or apart."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cchc_shared.contract.wording import unmarked
from tasks_api.naming import words
from tasks_api.units.rules import Aliases

Keys = tuple[tuple[str, bool], ...]
"""Words of a spelling; with each, whether a comma, a dash or "và" may stand before it."""


class Spelling:
    """Writes names by the words of `aliases.yaml`."""

    def __init__(self, aliases: Aliases) -> None:
        self._city = [loose(form) for form in aliases.city]
        short: dict[Keys, list[Keys]] = {}
        for form, full in aliases.abbreviations.items():
            short.setdefault(_bare(loose(full)), []).append(loose(form))
        self._short = sorted(short.items(), key=lambda each: -len(each[0]))
        self._types: Mapping[Keys, list[Keys]] = {
            _bare(loose(type_)): [loose(form) for form in forms] for type_, forms in aliases.types.items()
        }
        self._initials_after = {words.key(word) for word in aliases.initials_after}
        self._droppable = {words.key(word) for word in aliases.fillers if " " not in word}

    def of(self, name: str) -> list[Keys]:
        """Every spelling of a name, each once; none of one without a word, such as dots."""
        found: list[tuple[Keys, bool]] = [((), False)]
        for part in self._parts(_strict(name)):
            found = [(each, short) for before in found for each, short in _with(before, part)]
        return list(dict.fromkeys(spelling for spelling, _ in found if spelling))

    def stems(self, name: str) -> list[str]:
        """Every spelling of a name that ends with the city's own, without it; empty for others."""
        written = _strict(name)
        city = self._city_from(written)
        if city is None:
            return []
        found: list[tuple[Keys, bool]] = [((), False)]
        for part in self._parts(written[:city]):
            found = [(each, short) for before in found for each, short in _with(before, part)]
        return [" ".join(key for key, _ in spelling) for spelling, _ in found]

    def ends_with_city(self, name: str) -> bool:
        return self._city_from(_strict(name)) is not None

    def _city_from(self, name: Keys) -> int | None:
        """Where the city's own name begins at the end of a name."""
        bare = _bare(name)
        ends = [len(bare) - len(form) for form in self._city if bare[-len(form) :] == _bare(form)]
        return min((end for end in ends if end > 0), default=None)

    def _parts(self, name: Keys) -> "Iterator[_Part]":
        city = self._city_from(name)
        end = len(name) if city is None else city
        at, initials = 0, bool(name) and name[0][0] in self._initials_after
        for type_, forms in self._types.items():
            if _bare(name[: len(type_)]) == type_ and len(name) > len(type_):
                yield _Part(name[: len(type_)], tuple(forms))
                at = len(type_)
        while at < end:
            part = self._part(name[at:end], initials=initials and at > 0, first=at == 0)
            yield part
            at += len(part.full)
        if city is not None:
            yield _Part(name[city:], tuple(self._city))

    def _part(self, rest: Keys, *, initials: bool, first: bool) -> "_Part":
        bare = _bare(rest)
        for full, short in self._short:
            if bare[: len(full)] == full:
                return _Part(rest[: len(full)], tuple(short))
            for form in short:
                if bare[: len(form)] == _bare(form):
                    return _Part(rest[: len(form)], (full, *short))
        if not first and rest[0][0] in self._droppable:
            return _Part(rest[:1], ((),))
        if initials:
            size = self._segment(rest)
            letters = "".join(_initial(key) for key, _ in rest[:size])
            forms = dict.fromkeys([letters, letters.replace("đ", "d")])
            return _Part(rest[:size], tuple(((form, rest[0][1]),) for form in forms))
        return _Part(rest[:1], ())

    def _segment(self, rest: Keys) -> int:
        """How many words stand before the next "và", dash or comma, or words with a short form of their own."""
        for size in range(1, len(rest)):
            bare = _bare(rest[size:])
            if rest[size][1] or any(bare[: len(full)] == full for full, _ in self._short):
                return size
        return len(rest)


class _Part(NamedTuple):
    """A part of a name with its other forms."""

    full: Keys
    forms: tuple[Keys, ...]


def _with(before: tuple[Keys, bool], part: _Part) -> Iterator[tuple[Keys, bool]]:
    """A spelling with each form of its next part; short forms also joined to a short form before ("LĐ", "LĐTB")."""
    spelling, after_short = before
    yield spelling + part.full, False
    for form in part.forms:
        joint = part.full[0][1]
        short = len(form) == 1
        yield spelling + _jointed(form, joint=joint), short or (after_short and not form)
        if short and after_short:
            (key, before_joint) = spelling[-1]
            yield (*spelling[:-1], (key + form[0][0], before_joint)), True


def _strict(name: str) -> Keys:
    """A name as it is written: marks only where it has them."""
    return tuple((key, bool(gap)) for key, gap in words.keys(name))


def loose(phrase: str) -> Keys:
    """Words between which any mark may stand."""
    return tuple((key, True) for key, _ in words.keys(phrase))


def _bare(spelling: Keys) -> Keys:
    return tuple((key, False) for key, _ in spelling)


def _jointed(spelling: Keys, *, joint: bool) -> Keys:
    return tuple((key, joint if place == 0 else rest) for place, (key, rest) in enumerate(spelling))


def _initial(key: str) -> str:
    return "đ" if key[0] == "đ" else unmarked(key[0])
