"""The two clocks of a report at this moment."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.access import Principal
from feedback_api.clocks.schemas import ClockOut, ClocksOut, LimitOut
from feedback_api.deadlines.domain import DeadlineClock, Deadlines, Timing
from feedback_api.deadlines.rules import Limit
from feedback_api.reports import repository


@dataclass(frozen=True, slots=True)
class Clocks:
    """Shows both clocks of a report to whoever may read it."""

    reading: AsyncEngine
    clock: Clock
    deadlines: Deadlines

    async def of(self, code: str, caller: Principal | None, secret: str | None) -> ClocksOut:
        """The acceptance clock and the resolution clock. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await repository.load_for(conn, code, caller, secret)
        to_accept, to_resolve = self.deadlines.limits(report.timing)
        acceptance = DeadlineClock(report.received_at, report.accept_due_at, report.accepted_at)
        started_at = self.deadlines.resolution_start(report.timing)
        resolution = DeadlineClock(started_at, report.resolve_due_at, report.answered_at)
        return ClocksOut(
            code=code,
            acceptance=self._out(acceptance, to_accept, report.timing),
            resolution=self._out(resolution, to_resolve, report.timing),
        )

    def _out(self, clock: DeadlineClock, limit: Limit, timing: Timing) -> ClockOut:
        running = clock.stopped_at is None
        return ClockOut(
            rule=LimitOut(id=limit.id, source=limit.source, status=limit.status),
            started_at=clock.started_at,
            due_at=clock.due_at,
            provisional=running and self.deadlines.is_provisional(timing, clock.started_at, clock.due_at),
            stopped_at=clock.stopped_at,
            state=clock.state(self.clock.now()),
            pauses=[],
            extensions=[],
        )
