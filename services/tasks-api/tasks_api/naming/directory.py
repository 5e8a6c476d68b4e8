"""The units of a day, how they follow each other, and what is spelt like them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Final

from rapidfuzz import fuzz, process

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.wording import unmarked
from tasks_api.naming.spelling import Spelling
from tasks_api.units.domain import Unit, successors_on
from tasks_api.units.rules import Aliases, Group, Groups

NEAR: Final = 70
"""The same, from which on a name is proposed for a wording that names no unit."""
SAME_BUT_TYPE: Final = 89
"""The most that a name counts whose first word is another: too little to be asked about as misspelt."""
PROPOSED: Final = 3


class Directory:
    """The units of a day and how they follow each other."""

    def __init__(self, units: Sequence[Unit], groups: Groups, aliases: Aliases, spelling: Spelling, on: date) -> None:
        self.on = on
        self.today = {unit.code: unit for unit in units if unit.valid_on(on)}
        self._numbers = Counter(unit.kind for unit in self.today.values())
        self.groups = groups.groups
        self.codes = {*self.today, *(group.code for group in groups.groups)}
        self._all = units
        self._types = [unmarked(type_) + " " for type_ in aliases.types]
        self._proposals = self._wordings(groups, aliases, spelling)

    def group_of(self, kinds: Iterable[UnitKind]) -> Group | None:
        """The group of exactly these kinds."""
        return next((group for group in self.groups if set(group.kinds) == set(kinds)), None)

    def number(self, kind: UnitKind) -> int:
        return self._numbers[kind]

    def last_day(self, kind: UnitKind) -> date | None:
        """The day on which the last unit of a kind ended."""
        return max((unit.valid_to for unit in self._all if unit.kind == kind and unit.valid_to), default=None)

    def successors(self, unit: Unit) -> list[Unit]:
        return successors_on(unit, self._all, self.on)

    def predecessors(self, unit: Unit) -> list[Unit]:
        return [each for each in self.today.values() if unit.code in each.successors]

    def alike(self, text: str) -> list[tuple[str, str, float]]:
        """Code, name and likeness (0 to 100) of what is spelt most like it, best first, each code once.

        A name behind another first word ("Xã A" for "Phường A") is near, and no more than near.
        """
        query = unmarked(text)
        found = self._spelt_like(query) or [
            (place, min(score, SAME_BUT_TYPE)) for place, score in self._spelt_like(query, scorer=fuzz.token_sort_ratio)
        ]
        bare = self._bare(query)
        if bare:
            found += [(place, min(score, SAME_BUT_TYPE)) for place, score in self._spelt_like(bare)]
        best: dict[str, tuple[str, str, float]] = {}
        for place, score in sorted(found, key=lambda each: -each[1]):
            code, name = self._proposals[place]
            best.setdefault(code, (code, name, score))
        return list(best.values())[:PROPOSED]

    def _spelt_like(self, query: str, scorer: Callable[..., float] = fuzz.ratio) -> list[tuple[int, float]]:
        if not query:
            return []
        found = process.extract(query, self._spelt, scorer=scorer, score_cutoff=NEAR, limit=2 * PROPOSED)
        return [(place, score) for _, score, place in found]

    def _bare(self, name: str) -> str | None:
        """A name without its first word, if that is one of those that lists begin with."""
        return next((name.removeprefix(type_) for type_ in self._types if name.startswith(type_)), None)

    def _wordings(self, groups: Groups, aliases: Aliases, spelling: Spelling) -> list[tuple[str, str]]:
        spelt: list[str] = []
        proposals: list[tuple[str, str]] = []

        def add(code: str, name: str, spelling: str) -> None:
            spelt.append(unmarked(spelling))
            proposals.append((code, name))

        for unit in self.today.values():
            add(unit.code, unit.name, unit.name)
            bare = self._bare(spelt[-1])
            if bare:
                add(unit.code, unit.name, bare)
            for stem in spelling.stems(unit.name):
                add(unit.code, unit.name, stem)
        for alias in aliases.aliases:
            if alias.unit in self.today and alias.valid_on(self.on):
                add(alias.unit, self.today[alias.unit].name, alias.alias)
        for group in groups.groups:
            if any(unit.kind in group.kinds for unit in self.today.values()):
                for wording in group.wordings:
                    add(group.code, group.name.vi, wording)
        self._spelt = spelt
        return proposals
