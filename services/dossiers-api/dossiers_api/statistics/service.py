"""Counts dossiers as they stand now."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from dossiers_api.statistics import repository
from dossiers_api.statistics.domain import on_time_rate
from dossiers_api.statistics.schemas import DossierStatistics, DossierStatisticsQuery, DossierStatisticsRow


@dataclass(frozen=True, slots=True)
class Statistics:
    """Days are local; a day begins at midnight."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar

    async def count(self, query: DossierStatisticsQuery, unit: str | None) -> DossierStatistics:
        """Counts of a unit, or of all."""
        now = self.clock.now()
        since, until = query.period(self.calendar)
        async with self.reading.connect() as conn:
            rows = await repository.counts(
                conn,
                query.dimensions,
                unit=unit,
                since=since,
                until=until,
                now=now,
                timezone=self.calendar.timezone.key,
            )
        found = [DossierStatisticsRow.model_validate({**row, "on_time_rate": None}) for row in rows]
        return DossierStatistics(
            as_of=now,
            rows=[
                row.model_copy(update={"on_time_rate": on_time_rate(row.on_time, row.late, row.overdue_open)})
                for row in found
            ],
        )
