"""Units and the days on which they exist, by code and by name, and what became of those that are gone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import Final
from unicodedata import normalize

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.wording import unmarked

NEAR: Final = 0.7
"""How alike two names must be, of 1, for one to be proposed for the other."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit for a period; both days belong to it. A code may name another unit in another period.

    `successors` are codes, as they are from the day after `valid_to`.
    """

    code: str
    valid_from: date | None
    valid_to: date | None
    name: str = ""
    kind: UnitKind | None = None
    successors: tuple[str, ...] = ()

    def exists_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)

    def ended_before(self, day: date) -> bool:
        return self.valid_to is not None and self.valid_to < day


class Units:
    """All units known at a moment."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_code: dict[str, list[Unit]] = {}
        for unit in units:
            self._by_code.setdefault(unit.code, []).append(unit)

    def __bool__(self) -> bool:
        """Whether any unit is known: no city is without, so that none means that they have not come yet."""
        return bool(self._by_code)

    def exists(self, code: str, day: date) -> bool:
        """Whether a unit has that code on that local day."""
        return self.at(code, day) is not None

    def at(self, code: str, day: date) -> Unit | None:
        """The unit that has that code on that day."""
        for unit in self._by_code.get(code, ()):
            if unit.exists_on(day):
                return unit
        return None

    def living(self, day: date) -> Iterator[Unit]:
        """The units of that day."""
        return (unit for units in self._by_code.values() for unit in units if unit.exists_on(day))

    def meant(self, word: str, day: date) -> Sequence[Unit]:
        """The units of that day that a code or a name may mean; if there are none, those that are gone by then.

        Of the gone ones with that code, the last. A name is read without its marks, but one that is written like the
        word goes before others.
        """
        known = self._by_code.get(word) or self._named(word)
        living = [unit for unit in known if unit.exists_on(day)]
        gone = [unit for unit in known if unit.ended_before(day)]
        if living or word not in self._by_code:
            return living or gone
        return sorted(gone, key=_end)[-1:]

    def living_heirs(self, units: Iterable[Unit], day: date) -> Sequence[str]:
        """Codes of the units of that day that took over from these, along the chain of successors, in order."""
        found, seen, left = set[str](), set[Unit](), list(units)
        while left:
            unit = left.pop()
            if unit.exists_on(day):
                found.add(unit.code)
            elif unit.ended_before(day) and unit not in seen:
                seen.add(unit)
                left += filter(None, (self._first_after(code, _end(unit)) for code in unit.successors))
        return sorted(found)

    def near(self, word: str, day: date, limit: int = 3) -> Sequence[Unit]:
        """Units of that day whose names are like the word, the most alike first."""
        living = {name: unit for name, units in self._by_name.items() for unit in units if unit.exists_on(day)}
        return [living[name] for name in get_close_matches(unmarked(word), living, limit, NEAR)]

    def _first_after(self, code: str, end: date) -> Unit | None:
        """The unit with that code on the day after `end`, or else the next that has it."""
        later = [unit for unit in self._by_code.get(code, ()) if unit.valid_to is None or unit.valid_to > end]
        return min(later, key=lambda unit: unit.valid_from or date.min, default=None)

    def _named(self, word: str) -> Sequence[Unit]:
        units = self._by_name.get(unmarked(word), ())
        as_written = normalize("NFC", word).casefold()
        return [unit for unit in units if unit.name.casefold() == as_written] or units

    @cached_property
    def _by_name(self) -> dict[str, list[Unit]]:
        """Made when the first name is asked for: most reports name a unit by its code, or none."""
        names: dict[str, list[Unit]] = {}
        for units in self._by_code.values():
            for unit in units:
                if name := unmarked(unit.name):
                    names.setdefault(name, []).append(unit)
        return names


def _end(unit: Unit) -> date:
    return unit.valid_to or date.max
