"""Reads the cell of a unit as documents write it. Doubts become questions and warnings, never guesses."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from cchc_shared.contract.codes import UnitKind
from tasks_api.naming import words
from tasks_api.naming.cell import Cell, Phrase
from tasks_api.naming.directory import Directory
from tasks_api.naming.domain import Named, Role, Unknown
from tasks_api.naming.lexicon import Lexicon, Node, Tag
from tasks_api.naming.persons import Persons
from tasks_api.naming.words import Word
from tasks_api.units.domain import Unit
from tasks_api.units.rules import Aliases, Groups

LONGEST: Final = 8000
"""Characters of a cell that is read: two hundred units with long names."""
_NEXT_TO: Final = 4
"""Phrases back to the unit that a phrase may belong to."""


class UnitReader:
    """Reads cells of documents issued on one day. Build it once for a document: that takes some hundredths of a
    second."""

    def __init__(self, units: Iterable[Unit], groups: Groups, aliases: Aliases, on: date) -> None:
        units = tuple(units)
        self.on = on
        self._lexicon = Lexicon(units, groups, aliases, on)
        unit_words = [*aliases.types, *aliases.initials_after, *aliases.abbreviations]
        self._persons = Persons(aliases.persons, [*(unit.name for unit in units), *aliases.city], unit_words)
        self._directory = Directory(units, groups, aliases, self._lexicon.spelling, on)

    def without_persons(self, text: str) -> str:
        """The text without names of persons, their titles, phone numbers and addresses of mail."""
        return self._persons.without(text)

    def read(self, wording: str, *, role: Role) -> Named:
        """What a cell names. Of any text; an empty one names nothing, and one longer than `LONGEST` is not read."""
        if len(wording) > LONGEST:
            return Named(unknown=(Unknown(wording=f"{self._persons.without(wording[:100])}…"),))
        rest = self._persons.without(wording)
        text = words.tidy(rest)
        cell = Cell(text, self._directory, role)
        for run in self._runs(text):
            cell.add(run)
        return cell.named(rest, persons=rest != wording)

    def _runs(self, text: str) -> Iterator[list[Phrase]]:
        """Phrases with no mark between them."""
        phrases = _qualified(list(self._phrases(words.read(text, self._directory.codes))))
        run: list[Phrase] = []
        for phrase in phrases:
            if run and phrase.gap:
                yield run
                run = []
            run.append(phrase)
        if run:
            yield run

    def _phrases(self, text: Sequence[Word]) -> Iterator[Phrase]:
        at, inside = 0, False
        list_: Node | None = None
        while at < len(text):
            word = text[at]
            inside = _inside(word.gap, before=inside)
            node, end, list_ = self._phrase(text, at, list_)
            yield Phrase(word.gap, word.start, text[end - 1].end, node, inside, self._code(text, at))
            at = end

    def _phrase(self, text: Sequence[Word], at: int, list_: Node | None) -> tuple[Node | None, int, Node | None]:
        """The longest phrase there, where it ends, and the first word that counts for names further on in a list."""
        found = self._lexicon.root.longest(text, at)
        if list_ and text[at].gap:
            listed = list_.longest(text, at)
            if listed and listed[0].names and (not found or (not found[0].names and listed[1] > found[1])):
                return *listed, list_
        if not found:
            return None, at + 1, list_
        node, end = self._head(text, at) or found if found[0].tag is Tag.HEAD else found
        if node.names:
            list_ = self._opened(text[at:end])
        elif node.tag in {Tag.SOME, Tag.ALL}:
            list_ = None
        return node, end, list_

    def _head(self, text: Sequence[Word], at: int) -> tuple[Node, int] | None:
        """The first word there, if it is a head that leaves the next words to a name ("Trưởng" in "Trưởng Ban A")."""
        first = self._lexicon.root.longest(text[: at + 1], at)
        named = self._lexicon.root.longest(text, at + 1)
        return first if first and first[0].tag is Tag.HEAD and named and named[0].names else None

    def _opened(self, phrase: Sequence[Word]) -> Node | None:
        node = self._lexicon.root
        for word in phrase:
            node = node.following[word.key]
            if node.opens_list:
                return node
        return None

    def _code(self, text: Sequence[Word], at: int) -> str | None:
        """The code that stands there between two marks."""
        ends = at + 1 == len(text) or bool(text[at + 1].gap)
        begins = at == 0 or bool(text[at].gap)
        return text[at].key if begins and ends and text[at].key in self._directory.codes else None


def _inside(gap: str, *, before: bool) -> bool:
    """Whether a word stands between parentheses, by the marks before it."""
    for mark in reversed(gap):
        if mark in "()":
            return mark == "("
    return before


def _qualified(phrases: Sequence[Phrase]) -> list[Phrase]:
    """A unit with its district, or what it is "thuộc", behind it ("phường A quận B", "A (quận B)"), is that unit alone.

    With a comma between only where the first alone is called a committee: "UBND phường A, quận B" is one, "phường A,
    quận B" two.
    """
    found: list[Phrase] = []
    for phrase in phrases:
        last = next((each for each in reversed(found[-_NEXT_TO:]) if each.tag is not Tag.FILLER), None)
        place = found.index(last) if last else 0
        committee = place > 0 and found[place - 1].tag is Tag.FILLER and not found[place].gap
        if last and set(phrase.gap) <= ({"(", ","} if committee else {"("}) and phrase.names:
            said = found[-1].tag is Tag.FILLER
            parents = {unit.code for unit in phrase.units if said or unit.kind == UnitKind.DISTRICT}
            units = [unit for unit in last.units if unit.parent in parents]
            if units:
                node = Node()
                node.names = [name for name in last.names if name.unit in units]
                found[place:] = [last._replace(node=node, end=phrase.end)]
                continue
        found.append(phrase)
    return found
