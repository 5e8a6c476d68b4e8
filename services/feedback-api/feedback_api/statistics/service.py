"""Statistics of reports for a caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.access import Principal
from feedback_api.handling.access import COUNTERS, Scope, scope
from feedback_api.statistics import repository
from feedback_api.statistics.domain import Dimension
from feedback_api.statistics.repository import Question


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts in the city's local months."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar

    async def count(
        self,
        caller: Principal,
        dimensions: Sequence[Dimension],
        period: tuple[datetime | None, datetime | None],
        as_of: date | None,
    ) -> tuple[datetime, Sequence[Row[Any]]]:
        """The moment the counts are true for, and the rows: of the caller's unit, or of all for who oversees them."""
        moment = self.clock.now() if as_of is None else self.calendar.end_of_day(as_of)
        question = Question(
            dimensions=dimensions,
            since=period[0],
            until=period[1],
            moment=moment,
            past=as_of is not None,
            unit=_only_unit(caller),
            timezone=self.calendar.timezone.key,
        )
        async with self.engine.connect() as conn:
            return moment, await repository.count(conn, question)


def _only_unit(caller: Principal) -> str | None:
    """The unit that the caller's figures are limited to."""
    return None if scope(caller, COUNTERS) is Scope.ALL else caller.unit or ""
