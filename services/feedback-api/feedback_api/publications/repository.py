"""The counts that sheets are made of."""

from datetime import date, datetime

from sqlalchemy import column
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.months import Month
from cchc_shared.calendar.working_time import WorkingCalendar
from feedback_api.publications.domain import Cell
from feedback_api.statistics import repository as statistics
from feedback_api.statistics.domain import Counts, Dimension
from feedback_api.statistics.repository import CountQuery


async def cells(
    conn: AsyncConnection, month: Month, known: datetime, calendar: WorkingCalendar, *, by_unit: bool
) -> list[Cell]:
    """Counts of reports received in the year up to the end of the month, as they stood then, by what was known just
    before `known`. One statement for each month of receipt: none takes longer than a month is large."""
    dimensions = [Dimension.CHANNEL, Dimension.KIND, Dimension.CATEGORY]
    found: list[Cell] = []
    for received in month.since_january():
        query = CountQuery(
            dimensions=[*dimensions, Dimension.UNIT] if by_unit else dimensions,
            since=calendar.end_of_day(date.fromordinal(received.first_day.toordinal() - 1)),
            until=calendar.end_of_day(received.last_day),
            moment=calendar.end_of_day(month.last_day),
            known=known,
            past=True,
            by_unit=by_unit,
            unit=None,
            timezone=calendar.timezone.key,
        )
        rows = await conn.execute(statistics.counted(query).order_by(*map(column, query.dimensions)))
        for row in rows.mappings():
            counts = Counts(**{name: row[name] for name in Counts.__slots__})
            unit = row["unit"] if by_unit else None
            found.append(Cell(received, unit, row["channel"], row["kind"], row["category"], counts))
    return found
