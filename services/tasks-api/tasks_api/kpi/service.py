"""Use case: what the work of a unit is worth."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.access import Principal
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import not_found
from tasks_api.kpi import repository
from tasks_api.kpi.rules import KpiRules
from tasks_api.kpi.schemas import KpiOut, KpiQuery, KpiRow, KpiRulesOut
from tasks_api.periods import Period
from tasks_api.tasks.access import reader
from tasks_api.units.service import Units


@dataclass(frozen=True)
class Kpi:
    """The worth of work. A unit sees its own, whoever oversees units all of them."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    rules: KpiRules
    units: Units

    async def of_unit(self, unit: str, wanted: KpiQuery, caller: Principal) -> KpiOut:
        """The sum and its rows, by the day by which each is judged. Raises a 404 problem."""
        if reader(caller) not in {None, unit}:
            raise not_found("đơn vị này", "this unit")
        await self.units.find(unit)
        after = decode_cursor(wanted.cursor, str, str, int) if wanted.cursor else ()
        async with self.reading.connect() as conn:
            found = await repository.work_of(
                conn,
                unit,
                Period.of(wanted.period),
                self.rules.formula.roles,
                now=self.clock.now(),
                timezone=self.calendar.timezone.key,
            )
        rows = [self.rules.formula.worth(work) for work in sorted(found, key=lambda work: work.key)]
        rest = [row for row in rows if row.work.key > after]
        page = rest[: wanted.limit]
        return KpiOut(
            unit=unit,
            period=wanted.period,
            rules=KpiRulesOut.of(self.rules),
            kpi=float(sum((row.kpi for row in rows), Decimal())),
            tasks=len(rows),
            not_done=sum(row.work.days_early is None for row in rows),
            rated=sum(row.work.quality is not None for row in rows),
            items=[KpiRow.of(row) for row in page],
            next_cursor=encode_cursor(*page[-1].work.key) if len(rest) > len(page) else None,
        )
