"""Every phrase that cells are read by, in one tree of words: names of units in all their spellings, and other words."""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import Enum, auto
from typing import Final, NamedTuple

from cchc_shared.contract.codes import UnitKind
from tasks_api.naming.spelling import Keys, Spelling, loose
from tasks_api.naming.words import Word
from tasks_api.units.domain import Unit
from tasks_api.units.rules import Aliases, Groups

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

    `given`: as the list has it, and not a short form derived from it, which two units may share.
    `alone`: a name that is short of the city's own ("Trung tâm …"), which other offices bear as well: it is the unit's
    only where nothing else stands beside it.
    """

    unit: Unit
    current: bool
    renamed: bool = False
    alone: bool = False
    given: bool = False


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
        self.spelling = Spelling(aliases)
        self._add_words(groups, aliases)
        for unit in units:
            self._add_name(unit.name, Name(unit, unit.valid_on(on)))
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
                self.root.grown(loose(phrase)).opens_list = True

    def _tag(self, tag: Tag, phrases: Iterable[str], kinds: tuple[UnitKind, ...] = ()) -> None:
        for phrase in phrases:
            node = self.root.grown(loose(phrase))
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
                alone=self.spelling.ends_with_city(unit.name) and not self.spelling.ends_with_city(alias.alias),
            )
            self._add_name(alias.alias, name)

    def _add_name(self, written: str, name: Name) -> None:
        for number, spelling in enumerate(self.spelling.of(written)):
            self.root.grown(spelling).names.append(name if number else name._replace(given=True))
