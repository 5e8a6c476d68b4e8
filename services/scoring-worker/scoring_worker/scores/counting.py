"""Counts of units in a period, of now or of any instant."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from scoring_worker.facts import repository as facts
from scoring_worker.facts.domain import State
from scoring_worker.indicators import repository as kept
from scoring_worker.indicators.domain import Counts, add
from scoring_worker.periods import Period
from scoring_worker.units import repository as units_repository
from scoring_worker.units.domain import counting_months, holder

Change = tuple[str, date, str, str, int]
"""Unit, month, measure, state, how many more."""


async def ripe(conn: AsyncConnection, period: Period, now: datetime) -> list[Change]:
    """What time has changed and the kept counts do not show yet: pending duties that are overdue."""
    return [
        (unit, month, measure, state, n * sign)
        for unit, month, measure, n in await facts.count_ripe(conn, period.months, now)
        for state, sign in ((State.PENDING, -1), (State.OVERDUE, 1))
    ]


async def of_now(
    conn: AsyncConnection, period: Period, units: Collection[str], changes: Iterable[Change]
) -> dict[str, Counts]:
    """The kept counts of these units, with the changes that are theirs."""
    counts = await kept.read(conn, period.code, units)
    await _add(conn, counts, period, [change for change in changes if change[0] in units])
    return counts


async def as_of(conn: AsyncConnection, period: Period, at: datetime) -> dict[str, Counts]:
    """The counts of every unit as they were at an instant, from the duties themselves."""
    counts: dict[str, Counts] = {}
    await _add(conn, counts, period, await facts.count_at(conn, period.months, at))
    return counts


async def _add(conn: AsyncConnection, counts: dict[str, Counts], period: Period, changes: Collection[Change]) -> None:
    codes = {code for code, *_ in changes}
    units = await units_repository.by_code(conn, codes)
    months = {code: counting_months(holder(units.get(code, ()), period), period) for code in codes}
    for code, month, measure, state, n in changes:
        if month in months[code]:
            add(counts.setdefault(code, {}), measure, state, n)
