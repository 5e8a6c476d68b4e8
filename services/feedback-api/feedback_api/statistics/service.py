"""Statistics of reports for a caller."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import OVERSIGHT
from cchc_shared.http.access import Principal
from feedback_api.reports.access import Scope, scope
from feedback_api.statistics import cells
from feedback_api.statistics.domain import Counts, Dimension, name_of
from feedback_api.statistics.repository import CountQuery
from feedback_api.statistics.schemas import FeedbackStatistics, FeedbackStatisticsQuery, FeedbackStatisticsRow

_RATED: Final = ("satisfied", "unsatisfied")
"""Counts that are told as their rate."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts in the city's local months."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar

    async def count(self, query: FeedbackStatisticsQuery, caller: Principal) -> FeedbackStatistics:
        """The counts of the caller's unit, or of all for who oversees them, and the moment they are true for."""
        since, until = query.period(self.calendar)
        now = self.clock.now()
        known = None if query.known_at is None else self.calendar.end_of_day(query.known_at)
        moment = (known or now) if query.as_of is None else self.calendar.end_of_day(query.as_of)
        unit = _only_unit(caller)
        counted = CountQuery(
            dimensions=query.dimensions,
            since=since,
            until=until,
            moment=moment,
            known=known,
            past=query.as_of is not None or query.known_at is not None,
            by_unit=unit is not None or Dimension.UNIT in query.dimensions,
            unit=unit,
            timezone=self.calendar.timezone.key,
        )
        async with self.engine.connect() as conn:
            rows = await cells.count(conn, counted)
        return FeedbackStatistics(as_of=moment, known_at=known or now, rows=[_row(row) for row in rows])


async def compare(
    engine: AsyncEngine, zone: ZoneInfo, clock: Clock, *, mending: bool
) -> AsyncIterator[tuple[str, int]]:
    """Each month with how many of its counts differ from those of its reports, or differed until now.

    A month is a transaction: nobody waits, but for the worker that sums up.
    """
    async with engine.connect() as conn:
        months = await cells.months(conn, zone)
    for month in months:
        async with engine.begin() as conn:
            differ = await (cells.mend if mending else cells.compare)(conn, month, zone, clock.now())
        yield name_of(month.since, zone), differ
    if mending:
        async with engine.begin() as conn:
            await cells.mark_filled(conn)


def _only_unit(caller: Principal) -> str | None:
    """The unit that the caller's figures are limited to; None: all."""
    return None if scope(caller, OVERSIGHT) is Scope.ALL else caller.unit or ""


def _row(row: RowMapping) -> FeedbackStatisticsRow:
    counts = Counts(**{name: row[name] for name in Counts.__slots__})
    rates = {"on_time_rate": counts.on_time_rate, "satisfied_rate": counts.satisfied_rate}
    return FeedbackStatisticsRow(**{name: value for name, value in row.items() if name not in _RATED}, **rates)
