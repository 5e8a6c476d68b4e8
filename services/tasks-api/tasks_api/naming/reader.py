"""Reads the cell of a unit as documents write it. Doubts become questions and warnings, never guesses."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.wording import unmarked
from tasks_api.naming import domain, words
from tasks_api.naming.domain import Named, Question, Role, Unknown
from tasks_api.naming.lexicon import Lexicon, Name, Node, Tag
from tasks_api.naming.persons import Persons
from tasks_api.naming.words import Word
from tasks_api.units.domain import Unit
from tasks_api.units.rules import Aliases, Group, Groups

LIKELY: Final = 90
"""Per cent of letters, without their marks, from which on a wording counts as a misspelt name, and is asked about."""
NEAR: Final = 60
"""The same, from which on a name is proposed for a wording that names no unit."""
PROPOSED: Final = 3


class UnitReader:
    """Reads cells of documents issued on one day. Build it once for a document: that takes some hundredths of a
    second."""

    def __init__(self, units: Iterable[Unit], groups: Groups, aliases: Aliases, on: date) -> None:
        units = tuple(units)
        self.on = on
        self._lexicon = Lexicon(units, groups, aliases, on)
        self._persons = Persons(aliases.persons, [*(unit.name for unit in units), *aliases.city])
        self._directory = _Directory(units, groups, aliases, on)

    def without_persons(self, text: str) -> str:
        """The text without names of persons, their titles, phone numbers and addresses of mail."""
        return self._persons.without(text)

    def read(self, wording: str, *, role: Role) -> Named:
        """What a cell names. Of any text; an empty one names nothing."""
        rest = self._persons.without(wording)
        text = words.tidy(rest)
        cell = _Cell(text, self._directory, role)
        for run in self._runs(text):
            cell.add(run)
        return cell.named(persons=rest != wording)

    def _runs(self, text: str) -> "Iterator[list[_Phrase]]":
        """Phrases with no mark between them."""
        phrases = _qualified(list(self._phrases(words.read(text, self._directory.codes))))
        run: list[_Phrase] = []
        for phrase in phrases:
            if run and phrase.gap:
                yield run
                run = []
            run.append(phrase)
        if run:
            yield run

    def _phrases(self, text: Sequence[Word]) -> "Iterator[_Phrase]":
        at, inside = 0, False
        list_: Node | None = None
        while at < len(text):
            word = text[at]
            inside = _inside(word.gap, before=inside)
            node, end, list_ = self._phrase(text, at, list_)
            yield _Phrase(word.gap, word.start, text[end - 1].end, node, inside, self._code(text, at))
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
        node, end = found
        if node.names:
            list_ = self._opened(text[at:end])
        elif node.tag in {Tag.SOME, Tag.ALL}:
            list_ = None
        return node, end, list_

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


class _Phrase(NamedTuple):
    """A phrase of the cell: a known one, or a single word. `inside`: between parentheses."""

    gap: str
    start: int
    end: int
    node: Node | None
    inside: bool
    code: str | None

    @property
    def names(self) -> list[Name]:
        return self.node.names if self.node else []

    @property
    def tag(self) -> Tag | None:
        return self.node.tag if self.node and not self.node.names else None

    @property
    def units(self) -> list[Unit]:
        """The units meant: those that have the name on the day, else those that had it or will have it."""
        current = [name.unit for name in self.names if name.current or name.renamed]
        return list(dict.fromkeys(current or [name.unit for name in self.names]))


class _Directory:
    """The units of a day and how they follow each other."""

    def __init__(self, units: Sequence[Unit], groups: Groups, aliases: Aliases, on: date) -> None:
        self.on = on
        self.today = {unit.code: unit for unit in units if unit.valid_on(on)}
        self.groups = groups.groups
        self.codes = {*self.today, *(group.code for group in groups.groups)}
        self._all = units
        self._proposals = self._wordings(groups, aliases)

    def group_of(self, kinds: Iterable[UnitKind]) -> Group | None:
        """The group of exactly these kinds."""
        return next((group for group in self.groups if set(group.kinds) == set(kinds)), None)

    def number(self, kind: UnitKind) -> int:
        return sum(unit.kind == kind for unit in self.today.values())

    def last_day(self, kind: UnitKind) -> date | None:
        """The day on which the last unit of a kind ended."""
        return max((unit.valid_to for unit in self._all if unit.kind == kind and unit.valid_to), default=None)

    def successors(self, unit: Unit) -> list[Unit]:
        """The units of the day that succeeded this one, at any distance."""
        found: dict[str, Unit] = {}
        seen, waiting = {unit.code}, list(unit.successors)
        while waiting:
            code = waiting.pop(0)
            if code in self.today:
                found[code] = self.today[code]
            elif code not in seen:
                seen.add(code)
                waiting += [heir for each in self._all if each.code == code for heir in each.successors]
        return list(found.values())

    def predecessors(self, unit: Unit) -> list[Unit]:
        return [each for each in self.today.values() if unit.code in each.successors]

    def alike(self, text: str) -> list[tuple[str, str, float]]:
        """Code, name and likeness (0 to 100) of what is spelt most like it, best first, each code once."""
        found: dict[str, tuple[str, str, float]] = {}
        query = unmarked(text)
        if query:
            for _, score, place in process.extract(
                query, self._spelt, scorer=fuzz.ratio, score_cutoff=NEAR, limit=2 * PROPOSED
            ):
                code, name = self._proposals[place]
                found.setdefault(code, (code, name, score))
        return list(found.values())[:PROPOSED]

    def _wordings(self, groups: Groups, aliases: Aliases) -> list[tuple[str, str]]:
        spelt: list[str] = []
        proposals: list[tuple[str, str]] = []
        types = [unmarked(type_) + " " for type_ in aliases.types]

        def add(code: str, name: str, spelling: str) -> None:
            spelt.append(unmarked(spelling))
            proposals.append((code, name))

        for unit in self.today.values():
            add(unit.code, unit.name, unit.name)
            bare = next((spelt[-1].removeprefix(type_) for type_ in types if spelt[-1].startswith(type_)), None)
            if bare:
                add(unit.code, unit.name, bare)
        for alias in aliases.aliases:
            if alias.unit in self.today and alias.valid_on(self.on):
                add(alias.unit, self.today[alias.unit].name, alias.alias)
        for group in groups.groups:
            if any(unit.kind in group.kinds for unit in self.today.values()):
                for wording in group.wordings:
                    add(group.code, group.name.vi, wording)
        self._spelt = spelt
        return proposals


@dataclass
class _Group:
    """Words for groups that follow one another, with what they leave open."""

    start: int
    end: int
    some: dict[UnitKind, set[str]] = field(default_factory=dict)
    all: set[UnitKind] = field(default_factory=set)
    said: int | None = None
    related: bool = False


class _Open(NamedTuple):
    """A wording that names nobody in particular, and the groups that it may mean."""

    wording: str
    candidates: tuple[str, ...]


class _Cell:
    """Collects what the runs of a cell say, in their order."""

    def __init__(self, text: str, directory: _Directory, role: Role) -> None:
        self._text, self._directory, self._role = text, directory, role
        self._units: dict[str, None] = {}
        self._unknown: list[tuple[int, int, bool]] = []
        self._nobody: list[Unknown] = []
        self._questions: list[Question] = []
        self._warnings: list[Text] = []
        self._open: list[_Open] = []
        self._group: _Group | None = None
        self._indefinite: tuple[int, int] | None = None
        self._helping = False

    def add(self, run: Sequence[_Phrase]) -> None:
        """Take in the phrases between two marks."""
        run = self._without_helping(run)
        if not run:
            return
        tags = {phrase.tag for phrase in run}
        units = [phrase for phrase in run if phrase.names or phrase.code]
        if self._is_strange(run):
            if Tag.RELATED in tags and not units:
                self._add_indefinite(run)
            else:
                self._add_unknown(run)
        elif units or tags & {Tag.SOME, Tag.ALL}:
            for phrase in run:
                self._add_known(phrase, run)
        elif Tag.UNCLEAR in tags:
            self._add_unclear(run)
        elif tags & {Tag.INDEFINITE, Tag.RELATED}:
            self._add_indefinite(run)

    def named(self, *, persons: bool) -> Named:
        """The result, when all runs are in."""
        self._flush()
        for start, end, inside in self._unknown:
            self._propose(self._wording(start, end), inside=inside)
        for each in self._open:
            if self._role == "lead" and not self._units:
                self._questions.append(
                    Question(wording=each.wording, candidates=each.candidates, text=domain.left_open(each.wording))
                )
            else:
                self._warnings.append(domain.left_out(each.wording))
        found = Named(
            units=tuple(self._units),
            unknown=tuple(dict.fromkeys(self._nobody)),
            questions=tuple(dict.fromkeys(self._questions)),
            warnings=tuple(dict.fromkeys(self._warnings)),
            persons=persons,
        )
        rest = " ".join(self._text.split()).strip(" .,;:-")
        silent = rest and not (found.units or found.unknown or found.questions or found.warnings)
        return Named(unknown=(Unknown(wording=rest),), persons=persons) if silent else found

    def _is_strange(self, run: Sequence[_Phrase]) -> bool:
        """Whether something in it is no known phrase, or a short name has something beside it."""
        counts = any(phrase.tag in {Tag.SOME, Tag.ALL} for phrase in run)
        for phrase in run:
            if phrase.node is None and not phrase.code and not (counts and self._number(phrase) is not None):
                return True
            if any(name.alone for name in phrase.names) and not all(name.current is False for name in phrase.names):
                others = [each for each in run if each is not phrase and each.tag not in {Tag.CITY, Tag.HEAD}]
                only = all(name.alone for name in phrase.names)
                if only and others:
                    return True
        return False

    def _number(self, phrase: _Phrase) -> int | None:
        text = self._text[phrase.start : phrase.end]
        return int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else None

    def _without_helping(self, run: Sequence[_Phrase]) -> Sequence[_Phrase]:
        """The part of a run before the words for help: what follows them leads nothing."""
        if self._role == "coordinating":
            return [phrase for phrase in run if phrase.tag is not Tag.HELPING]
        before: list[_Phrase] = []
        for phrase in run:
            if phrase.tag is Tag.HELPING:
                self._helping = True
            elif not self._helping:
                before.append(phrase)
        if self._helping and len(before) < len(run):
            self._flush()
            self._warnings.append(domain.only_helps(self._wording(run[0].start, run[-1].end)))
        return before

    def _add_known(self, phrase: _Phrase, run: Sequence[_Phrase]) -> None:
        if phrase.names:
            self._flush()
            self._add_unit(phrase)
        elif phrase.code:
            self._flush()
            self._units[phrase.code] = None
        elif phrase.tag in {Tag.SOME, Tag.ALL} and phrase.node:
            group = self._grouped(phrase.start if phrase is not run[0] else run[0].start, phrase.end)
            for kind in phrase.node.kinds:
                said = group.some.setdefault(kind, set())
                if phrase.tag is Tag.ALL:
                    group.all.add(kind)
                else:
                    said.add(unmarked(self._text[phrase.start : phrase.end]))
        elif phrase.node is None:
            self._grouped(phrase.start, phrase.end).said = self._number(phrase)
        elif phrase.tag is Tag.RELATED:
            self._grouped(phrase.start, phrase.end).related = True
        elif phrase.tag is Tag.INDEFINITE:
            self._indefinite = (phrase.start, phrase.end)

    def _grouped(self, start: int, end: int) -> _Group:
        if self._group is None:
            self._flush()
            self._group = _Group(start, end)
        self._group.end = end
        return self._group

    def _add_unit(self, phrase: _Phrase) -> None:
        wording = self._wording(phrase.start, phrase.end)
        units = phrase.units
        if any(name.current or name.renamed for name in phrase.names):
            if len(units) > 1:
                codes = tuple(unit.code for unit in units)
                text = domain.several(wording, units)
                self._questions.append(Question(wording=wording, candidates=codes, text=text))
                return
            self._units[units[0].code] = None
            if not any(name.current for name in phrase.names):
                self._warnings.append(domain.renamed(wording, units[0]))
            return
        nearest: list[str] = []
        for unit in units:
            if unit.valid_from and unit.valid_from > self._directory.on:
                found = self._directory.predecessors(unit)
                self._warnings.append(domain.not_yet(wording, unit, self._directory.on))
            else:
                found = self._directory.successors(unit)
                self._warnings.append(domain.ended(wording, unit, found))
            nearest += [each.code for each in found]
        if not phrase.inside:
            self._nobody.append(Unknown(wording=wording, nearest=tuple(dict.fromkeys(nearest))))

    def _add_unknown(self, run: Sequence[_Phrase]) -> None:
        start, end, gap = run[0].start, run[-1].end, set(run[0].gap)
        self._flush()
        if self._unknown and gap and gap <= {"-", words.AND} and not run[0].inside:
            before, before_end, inside = self._unknown[-1]
            if not self._text[before_end:start].strip(" -&+và") and not inside:
                self._unknown[-1] = (before, end, inside)
                return
        self._unknown.append((start, end, run[0].inside))

    def _add_unclear(self, run: Sequence[_Phrase]) -> None:
        self._flush()
        kinds = next(phrase.node.kinds for phrase in run if phrase.node and phrase.tag is Tag.UNCLEAR)
        alive = [kind for kind in kinds if self._directory.number(kind)]
        wording = self._wording(run[0].start, run[-1].end)
        text = domain.left_open(wording)
        self._questions.append(Question(wording=wording, candidates=self._codes(alive), text=text))

    def _add_indefinite(self, run: Sequence[_Phrase]) -> None:
        """Words for whom it may concern; without an article they go on with the group before ("các sở, đơn vị …")."""
        goes_on = run[0].tag is not Tag.FILLER
        if self._group and goes_on and any(phrase.tag is Tag.RELATED for phrase in run):
            self._group.related = True
        if self._group and not goes_on:
            self._flush()
        start = self._indefinite[0] if self._indefinite else run[0].start
        self._indefinite = (start, run[-1].end)

    def _flush(self) -> None:
        """What stood together so far is complete."""
        group, indefinite = self._group, self._indefinite
        self._group = self._indefinite = None
        if group:
            self._end_group(group)
        if indefinite:
            self._open.append(_Open(self._wording(*indefinite), ()))

    def _end_group(self, group: _Group) -> None:
        wording = self._wording(group.start, group.end)
        kinds = [kind for kind in group.some if kind in group.all or len(group.some[kind]) > 1]
        partly = [kind for kind in group.some if kind not in kinds]
        alive = []
        for kind in kinds:
            if self._directory.number(kind):
                alive.append(kind)
            else:
                last = self._directory.last_day(kind)
                self._warnings.append(domain.nobody_left(wording, kind, self._directory.on, last))
        if kinds and not alive:
            self._nobody.append(Unknown(wording=wording))
        if partly:
            candidates = self._codes(kind for kind in partly if self._directory.number(kind))
            text = domain.left_open(wording)
            self._questions.append(Question(wording=wording, candidates=candidates, text=text))
        if group.said is not None and len(alive) == 1 and group.said != self._directory.number(alive[0]):
            self._warnings.append(domain.other_number(wording, group.said, self._directory.number(alive[0])))
        if group.related and self._role == "lead":
            if alive:
                self._open.append(_Open(wording, self._codes(alive)))
        else:
            self._units.update(dict.fromkeys(self._codes(alive)))

    def _codes(self, kinds: Iterable[UnitKind]) -> tuple[str, ...]:
        """Codes of the groups of these kinds. A lead is one: the group that is all of them, where there is one."""
        kinds = list(kinds)
        together = self._directory.group_of(kinds) if self._role == "lead" and kinds else None
        groups = [together] if together else [self._directory.group_of([kind]) for kind in kinds]
        return tuple(group.code for group in groups if group)

    def _propose(self, wording: str, *, inside: bool) -> None:
        """A wording that names no unit: a question when it is nearly a name, else with the nearest names."""
        alike = self._directory.alike(wording)
        likely = [(code, name) for code, name, score in alike if score >= LIKELY]
        if inside:
            self._warnings.append(domain.left_out(wording))
        elif likely:
            candidates = tuple(code for code, _ in likely)
            text = domain.misspelt(wording, [f"{name} ({code})" for code, name in likely])
            self._questions.append(Question(wording=wording, candidates=candidates, text=text))
        else:
            self._nobody.append(Unknown(wording=wording, nearest=tuple(code for code, _, _ in alike)))

    def _wording(self, start: int, end: int) -> str:
        return " ".join(self._text[start:end].split())


def _inside(gap: str, *, before: bool) -> bool:
    """Whether a word stands between parentheses, by the marks before it."""
    for mark in reversed(gap):
        if mark in "()":
            return mark == "("
    return before


def _qualified(phrases: Sequence[_Phrase]) -> list[_Phrase]:
    """A unit with its parent behind it, in parentheses or without a mark ("phường A quận B"), is that unit alone."""
    found: list[_Phrase] = []
    for phrase in phrases:
        last = next((each for each in reversed(found) if each.tag is not Tag.FILLER), None)
        if last and last.node and set(phrase.gap) <= {"("} and phrase.names:
            parents = {unit.code for unit in phrase.units}
            names = [name for name in last.names if name.unit.parent in parents]
            if names:
                node = Node()
                node.names = names
                found[found.index(last) :] = [last._replace(node=node, end=phrase.end)]
                continue
        found.append(phrase)
    return found
