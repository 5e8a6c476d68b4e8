"""Reads steps."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from dossiers_api.steps import repository, views
from dossiers_api.steps.schemas import StepList, StepStatistics, StepStatisticsQuery, StepStatisticsRow


@dataclass(frozen=True, slots=True)
class Steps:
    """What is known of the steps of dossiers."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar

    async def of(self, code: str) -> StepList:
        """The steps of a dossier, in the order in which they began."""
        async with self.reading.connect() as conn:
            found = (await repository.steps_of(conn, [code])).get(code, [])
        now = self.clock.now()
        return StepList(items=[views.step(each, now) for each in found])

    async def count(self, query: StepStatisticsQuery, unit: str | None) -> StepStatistics:
        """Counts of a unit's steps, or of all."""
        now = self.clock.now()
        since, until = query.period(self.calendar)
        async with self.reading.connect() as conn:
            rows = await repository.counts(conn, query.dimensions, unit=unit, since=since, until=until, now=now)
        return StepStatistics(as_of=now, rows=[StepStatisticsRow.model_validate(row) for row in rows])
