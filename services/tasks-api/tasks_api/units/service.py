"""Use cases of the directory of units."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.http.problems import FieldError, Problem, invalid, not_found
from cchc_shared.stream import outbox
from tasks_api.resources import Resources
from tasks_api.units import repository
from tasks_api.units.domain import Unit
from tasks_api.units.repository import Entry


class Defined(NamedTuple):
    """A unit as it stands now that it was defined, and as it stood before."""

    entry: Entry
    before: Entry | None

    @property
    def created(self) -> bool:
        return self.before is None


async def define(here: Resources, conn: AsyncConnection, units: Sequence[Unit]) -> list[Defined]:
    """Enter units, or change those that have the same code and first day; what is there already stays untouched.

    Returns all of them, in order. Raises a 409 problem when two periods of one code would overlap and a 422 problem
    for an unknown parent. Writes `unit.defined` for each change; the caller commits.
    """
    await repository.lock_directory(conn)
    codes = {unit.code for unit in units}
    parents = {unit.parent for unit in units if unit.parent}
    known = await repository.with_codes(conn, codes | parents)
    _check_parents(units, codes | {entry.unit.code for entry in known})
    defined = _compared(units, known)
    changed = [each.entry for each in defined if each.entry != each.before]
    if changed:
        now = here.clock.now()
        await repository.save(conn, changed, now)
        events = [
            here.event(UnitDefined(**msgspec.structs.asdict(entry.unit)), entry.unit.subject, entry.version, now)
            for entry in changed
        ]
        await outbox.write(conn, events)
    return defined


async def find(here: Resources, code: str, as_of: date | None) -> Entry:
    """The unit that holds the code that day; without a day, the one that holds it now or held it last."""
    async with here.engine.connect() as conn:
        entries = await repository.with_codes(conn, [code])
    day = as_of or here.today()
    holders = [entry for entry in entries if entry.unit.valid_on(day)]
    if not holders and as_of is None:
        holders = entries[-1:]
    if not holders:
        raise not_found("đơn vị này", "this unit")
    return holders[0]


def _check_parents(units: Sequence[Unit], known: set[str]) -> None:
    for unit in units:
        if unit.parent == unit.code or (unit.parent and unit.parent not in known):
            error = FieldError("body.parent", "không phải mã của đơn vị khác", "is not the code of another unit")
            raise invalid([error])


def _compared(units: Sequence[Unit], known: Sequence[Entry]) -> list[Defined]:
    """Each unit beside the one known under its code and first day; a change makes the next version."""
    codes: dict[str, dict[date | None, Entry]] = {}
    for entry in known:
        codes.setdefault(entry.unit.code, {})[entry.unit.valid_from] = entry
    defined = []
    for unit in units:
        periods = codes.setdefault(unit.code, {})
        before = periods.pop(unit.valid_from, None)
        _check_periods(unit, periods.values())
        entry = before if before and before.unit == unit else Entry(unit, before.version + 1 if before else 1)
        periods[unit.valid_from] = entry
        defined.append(Defined(entry, before))
    return defined


def _check_periods(unit: Unit, others: Iterable[Entry]) -> None:
    for other in (entry.unit for entry in others):
        if other.overlaps(unit):
            raise Problem(
                409,
                "unit-period-overlaps",
                vi=f"Mã {unit.code} thuộc “{other.name}” trong một phần thời gian này.",
                en=f"The code {unit.code} belongs to “{other.name}” for a part of this period.",
                extra={"valid_from": _iso(other.valid_from), "valid_to": _iso(other.valid_to)},
            )


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
