"""Units and the days on which they exist."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit for a period; both days belong to it. A code may name another unit in another period."""

    code: str
    valid_from: date | None
    valid_to: date | None

    def exists_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (self.valid_to is None or day <= self.valid_to)


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
        return any(unit.exists_on(day) for unit in self._by_code.get(code, ()))
