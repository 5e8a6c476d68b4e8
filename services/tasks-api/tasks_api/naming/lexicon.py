"""Every phrase that cells are read by, in one tree of words: names of units in all their spellings, and other words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum, auto
from typing import Final, NamedTuple

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.wording import unmarked
from tasks_api.naming import words
from tasks_api.naming.words import Word
from tasks_api.units.domain import Unit
from tasks_api.units.rules import Aliases, Groups

Keys = tuple[tuple[str, bool], ...]
"""Words of a spelling; with each, whether a comma, a dash or "và" may stand before it."""

_WITHIN: Final = frozenset("\n.")
"""Marks that may stand between any two words of a phrase: lines break anywhere, and short forms end in a full stop."""
_AFTER_TYPE: Final = _WITHIN | frozenset(":(")
"""Marks that may stand behind the first word of a list: "Các Sở: Tài chính"."""
_NEVER_WITHIN: Final = frozenset(";()")


class Tag(Enum):
    """What a phrase that is no unit does in a cell."""

    FILLER = auto()
    CITY = auto()
    HEAD = auto()
    SOME = auto()
    ALL = auto()
    UNCLEAR = auto()
    INDEFINITE = auto()
    RELATED = auto()
    HELPING = auto()


class Name(NamedTuple):
    """A unit by one of its names. `current`: the unit has it on the day; `renamed`: it has another name then.

    `alone`: a name that is short of the city's own ("Trung tâm …"), which other offices bear as well: it is the unit's
    only where nothing else stands beside it.
    """

    unit: Unit
    current: bool
    renamed: bool = False
    alone: bool = False


class Node:
    """A word of a phrase, with the words that may follow and what the phrase says if it ends here."""

    __slots__ = ("following", "joint", "kinds", "names", "opens_list", "tag")

    def __init__(self) -> None:
        self.following: dict[str, Node] = {}
        self.joint = False
        self.names: list[Name] = []
        self.tag: Tag | None = None
        self.kinds: tuple[UnitKind, ...] = ()
        self.opens_list = False

    def follows(self, word: Word, before: "Node") -> bool:
        """Whether the marks before a word leave it in one phrase with the words before it."""
        marks = frozenset(word.gap)
        if not marks or marks <= (_AFTER_TYPE if before.opens_list else _WITHIN):
            return True
        return self.joint and not marks & _NEVER_WITHIN

    def longest(self, text: Sequence[Word], at: int) -> "tuple[Node, int] | None":
        """The longest phrase below this node that begins there, and where it ends."""
        node, found = self, None
        for place in range(at, len(text)):
            following = node.following.get(text[place].key)
            if following is None or (place > at and not following.follows(text[place], node)):
                break
            node = following
            if node.names or node.tag:
                found = node, place + 1
        return found

    def grown(self, spelling: Keys) -> "Node":
        """The node at the end of a phrase, made if it is new."""
        node = self
        for key, joint in spelling:
            node = node.following.setdefault(key, Node())
            node.joint |= joint
        return node


class Lexicon:
    """The phrases of a day."""

    def __init__(self, units: Iterable[Unit], groups: Groups, aliases: Aliases, on: date) -> None:
        self.root = Node()
        self._spelling = Spelling(aliases)
        self._add_words(groups, aliases)
        for unit in units:
            for spelling in self._spelling.of(unit.name):
                self.root.grown(spelling).names.append(Name(unit, unit.valid_on(on)))
        self._add_aliases(units, aliases, on)

    def _add_words(self, groups: Groups, aliases: Aliases) -> None:
        tagged: list[tuple[Tag, Iterable[str]]] = [
            (Tag.FILLER, aliases.fillers), (Tag.CITY, aliases.city), (Tag.HEAD, aliases.heads),
            (Tag.HELPING, aliases.helping), (Tag.INDEFINITE, groups.indefinite), (Tag.RELATED, groups.related),
        ]  # fmt: skip
        for tag, phrases in tagged:
            self._tag(tag, phrases)
        for each in groups.kinds:
            self._tag(Tag.SOME, each.some, (each.kind,))
            self._tag(Tag.ALL, each.all, (each.kind,))
        for unclear in groups.unclear:
            self._tag(Tag.UNCLEAR, unclear.wordings, unclear.kinds)
        for type_, short in aliases.types.items():
            for phrase in (type_, *short):
                self.root.grown(_loose(phrase)).opens_list = True

    def _tag(self, tag: Tag, phrases: Iterable[str], kinds: tuple[UnitKind, ...] = ()) -> None:
        for phrase in phrases:
            node = self.root.grown(_loose(phrase))
            node.tag, node.kinds = tag, kinds

    def _add_aliases(self, units: Iterable[Unit], aliases: Aliases, on: date) -> None:
        by_code: dict[str, list[Unit]] = {}
        for unit in units:
            by_code.setdefault(unit.code, []).append(unit)
        for alias in aliases.aliases:
            known = by_code.get(alias.unit)
            if not known:
                continue
            today = [unit for unit in known if unit.valid_on(on)]
            unit = (today or known)[-1]
            name = Name(
                unit,
                current=bool(today) and alias.valid_on(on),
                renamed=bool(today) and not alias.valid_on(on),
                alone=self._spelling.ends_with_city(unit.name) and not self._spelling.ends_with_city(alias.alias),
            )
            for spelling in self._spelling.of(alias.alias):
                self.root.grown(spelling).names.append(name)


class Spelling:
    """How one name is written: in full, with short forms of its words, with initials, joined or apart."""

    def __init__(self, aliases: Aliases) -> None:
        self._city = [_loose(form) for form in aliases.city]
        short: dict[Keys, list[Keys]] = {}
        for form, full in aliases.abbreviations.items():
            short.setdefault(_bare(_loose(full)), []).append(_loose(form))
        self._short = sorted(short.items(), key=lambda each: -len(each[0]))
        self._types: Mapping[Keys, list[Keys]] = {
            _bare(_loose(type_)): [_loose(form) for form in forms] for type_, forms in aliases.types.items()
        }
        self._initials_after = {words.key(word) for word in aliases.initials_after}
        self._droppable = {words.key(word) for word in aliases.fillers if " " not in word}

    def of(self, name: str) -> list[Keys]:
        """Every spelling of a name, each once."""
        found: list[tuple[Keys, bool]] = [((), False)]
        for part in self._parts(_strict(name)):
            found = [(each, short) for before in found for each, short in _with(before, part)]
        return list(dict.fromkeys(spelling for spelling, _ in found if spelling))

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
        at, initials = 0, name[0][0] in self._initials_after
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
                    return _Part(rest[: len(form)], (_jointed(full, joint=rest[0][1]),))
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


def _loose(phrase: str) -> Keys:
    """Words between which any mark may stand."""
    return tuple((key, True) for key, _ in words.keys(phrase))


def _bare(spelling: Keys) -> Keys:
    return tuple((key, False) for key, _ in spelling)


def _jointed(spelling: Keys, *, joint: bool) -> Keys:
    return tuple((key, joint if place == 0 else rest) for place, (key, rest) in enumerate(spelling))


def _initial(key: str) -> str:
    return "đ" if key[0] == "đ" else unmarked(key[0])
