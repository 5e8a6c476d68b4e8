"""What the phrases of a cell say together: units, groups, and what is left open."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.provenance import Text
from tasks_api.naming import domain, words
from tasks_api.naming.directory import Directory
from tasks_api.naming.domain import Named, Question, Role, Unknown
from tasks_api.naming.lexicon import Name, Node, Tag
from tasks_api.units.domain import Unit

LIKELY: Final = 90
"""Per cent of letters, without their marks, from which on a wording counts as a misspelt name, and is asked about."""
AS_LIKELY: Final = 5
"""How many per cent less than the likeliest name others may have, to be asked about with it."""


class Phrase(NamedTuple):
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
        current = [name for name in self.names if name.current or name.renamed] or self.names
        given = [name for name in current if name.given] or current
        return list(dict.fromkeys(name.unit for name in given))


MOST_SEARCHED: Final = 20
"""Unknown wordings of a cell for which the nearest names are looked for."""
_APART: Final = frozenset((Tag.SOME, Tag.ALL, Tag.INDEFINITE, Tag.UNCLEAR, Tag.RELATED))


@dataclass
class _Group:
    """Words for groups that follow one another, with what they leave open."""

    start: int
    end: int
    some: dict[UnitKind, set[Node]] = field(default_factory=dict)
    all: set[UnitKind] = field(default_factory=set)
    said: int | None = None
    related: bool = False


class _Open(NamedTuple):
    """A wording that names nobody in particular, and the groups that it may mean."""

    wording: str
    candidates: tuple[str, ...]


class Cell:
    """Collects what the runs of a cell say, in their order."""

    def __init__(self, text: str, directory: Directory, role: Role) -> None:
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

    def add(self, run: Sequence[Phrase]) -> None:
        """Take in the phrases between two marks."""
        run = self._without_helping(run)
        if not run:
            return
        tags = {phrase.tag for phrase in run}
        units = [phrase for phrase in run if phrase.names or phrase.code]
        if self._is_strange(run) or self._belongs_to_unknown(run):
            if Tag.RELATED in tags and not units:
                self._add_indefinite(run)
            else:
                self._add_unknown(run)
        elif units or tags & {Tag.SOME, Tag.ALL}:
            for phrase in _begun(run):
                self._add_known(phrase)
        elif Tag.UNCLEAR in tags:
            self._add_unclear(run)
        elif tags & {Tag.INDEFINITE, Tag.RELATED}:
            self._add_indefinite(run)
        elif self._unknown and run[0].gap and self._follows_unknown(run[0].start):
            self._add_unknown(run)

    def named(self, wording: str, *, persons: bool) -> Named:
        """The result, when all runs are in; of a `wording` that says nothing else, that it is unknown."""
        self._flush()
        for place, (start, end, inside) in enumerate(self._unknown):
            self._propose(self._wording(start, end), inside=inside, search=place < MOST_SEARCHED)
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
        if found.units or found.unknown or found.questions or found.warnings or not wording.strip(" .,;:-\n"):
            return found
        return Named(unknown=(Unknown(wording=" ".join(wording.split())),), persons=persons)

    def _is_strange(self, run: Sequence[Phrase]) -> bool:
        """Whether it is more than a unit: with words that are not known, or that make a part of the unit of it."""
        first = next((place for place, phrase in enumerate(run) if phrase.names), 0)
        if any(phrase.tag in _APART for phrase in run[:first]):  # "phòng … Sở A", "các đơn vị thuộc Sở A"
            return True
        counts = any(phrase.tag in {Tag.SOME, Tag.ALL} for phrase in run)
        for phrase in run:
            if phrase.node is None and not phrase.code and not (counts and self._number(phrase) is not None):
                return True
            if phrase.names and all(name.alone for name in phrase.names):
                beside = {each.tag for each in run if each is not phrase} - {Tag.CITY, Tag.HEAD}
                if beside:
                    return True
        return False

    def _belongs_to_unknown(self, run: Sequence[Phrase]) -> bool:
        """Whether it ends a name that is not known ("Văn phòng HĐND và UBND quận A")."""
        committee = run[0].tag is Tag.FILLER and run[0].gap == words.AND and bool(run[-1].names)
        return committee and bool(self._unknown) and self._follows_unknown(run[0].start)

    def _follows_unknown(self, start: int) -> bool:
        between = self._text[self._unknown[-1][1] : start].casefold().replace("và", "")
        return not between.strip(" -&+\n")

    def _number(self, phrase: Phrase) -> int | None:
        text = self._text[phrase.start : phrase.end].split()[-1]
        return int(text) if text.isascii() and text.isdigit() and len(text) < len("10000") else None

    def _without_helping(self, run: Sequence[Phrase]) -> Sequence[Phrase]:
        """The part of a run before the words for help: what follows them leads nothing."""
        if self._role == "coordinating":
            return [phrase for phrase in run if phrase.tag is not Tag.HELPING]
        before: list[Phrase] = []
        for phrase in run:
            if phrase.tag is Tag.HELPING:
                self._helping = True
            elif not self._helping:
                before.append(phrase)
        if self._helping and len(before) < len(run):
            self._flush()
            self._warnings.append(domain.only_helps(self._wording(run[0].start, run[-1].end)))
        return before

    def _add_known(self, phrase: Phrase) -> None:
        if phrase.names:
            self._flush()
            self._add_unit(phrase)
        elif phrase.code:
            self._flush()
            self._units[phrase.code] = None
        elif phrase.tag in {Tag.SOME, Tag.ALL} and phrase.node:
            group = self._grouped(phrase.start, phrase.end)
            for kind in phrase.node.kinds:
                said = group.some.setdefault(kind, set())
                if phrase.tag is Tag.ALL:
                    group.all.add(kind)
                else:
                    said.add(phrase.node)
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

    def _add_unit(self, phrase: Phrase) -> None:
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

    def _add_unknown(self, run: Sequence[Phrase]) -> None:
        start, end, gap = run[0].start, run[-1].end, set(run[0].gap)
        self._flush()
        if self._unknown and gap and gap <= {"-", words.AND} and not run[0].inside and self._follows_unknown(start):
            before, _, inside = self._unknown[-1]
            self._unknown[-1] = (before, end, inside)
            return
        self._unknown.append((start, end, run[0].inside))

    def _add_unclear(self, run: Sequence[Phrase]) -> None:
        self._flush()
        kinds = next(phrase.node.kinds for phrase in run if phrase.node and phrase.tag is Tag.UNCLEAR)
        alive = [kind for kind in kinds if self._directory.number(kind)]
        wording = self._wording(run[0].start, run[-1].end)
        text = domain.left_open(wording)
        self._questions.append(Question(wording=wording, candidates=self._codes(alive), text=text))

    def _add_indefinite(self, run: Sequence[Phrase]) -> None:
        """Words for whom it may concern; without an article they go on with the group before ("các sở, đơn vị …")."""
        goes_on = run[0].tag is not Tag.FILLER
        if self._group and goes_on and self._role == "lead" and any(phrase.tag is Tag.RELATED for phrase in run):
            self._group.related, self._group.end, self._indefinite = True, run[-1].end, None
            return
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

    def _propose(self, wording: str, *, inside: bool, search: bool) -> None:
        """A wording that names no unit: a question when it is nearly a name, else with the nearest names."""
        alike = self._directory.alike(wording) if search else []
        least = max(LIKELY, alike[0][2] - AS_LIKELY) if alike else LIKELY
        likely = [(code, name) for code, name, score in alike if score >= least]
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


def _begun(run: Sequence[Phrase]) -> list[Phrase]:
    """The phrases that say something; the words before each that add nothing belong to its wording."""
    found: list[Phrase] = []
    start: int | None = None
    for phrase in run:
        if phrase.tag in {Tag.FILLER, Tag.HEAD}:
            start = phrase.start if start is None else start
            continue
        found.append(phrase if start is None else phrase._replace(start=start))
        start = None
    return found
