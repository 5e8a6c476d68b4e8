"""The clocks of a report at this moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.http.access import Principal
from feedback_api.clocks.schemas import (
    ClockExtension,
    ClockOut,
    ClockPause,
    ClocksOut,
    LimitOut,
    OwnClocksOut,
    ReminderOut,
)
from feedback_api.deadlines.domain import DeadlineClock, Deadlines
from feedback_api.deadlines.rules import Limit
from feedback_api.reports import repository
from feedback_api.reports.domain import Feedback
from feedback_api.reports.transitions import FeedbackAction


@dataclass(frozen=True, slots=True)
class Clocks:
    """Shows the clocks of a report to whoever may read it."""

    reading: AsyncEngine
    clock: Clock
    deadlines: Deadlines

    async def of(self, code: str, caller: Principal | None, secret: str | None) -> ClocksOut:
        """Acceptance and resolution, as its sender was promised and as its holder has them. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await repository.load_for(conn, code, caller, secret)
            rows = await repository.history_of(conn, code) if report.extension is not None else ()
        began_at = report.timing.began_at
        extensions = [
            _extension(row)
            for row in rows
            # What was given with it may be erased by now.
            if row["action"] == FeedbackAction.EXTEND and row["at"] >= began_at and row["details"]
        ]
        to_accept, to_resolve = self.deadlines.limits(report.timing)
        starts, own_starts = self.deadlines.resolution_starts(report.timing)

        def acceptance(started_at: datetime, due_at: datetime, accepted_at: datetime | None) -> ClockOut:
            clock = DeadlineClock(started_at, due_at, accepted_at or report.ended_at, report.paused_since)
            return self._out(clock, to_accept, report, ())

        def resolution(started_at: datetime | None, due_at: datetime) -> ClockOut:
            clock = DeadlineClock(started_at, due_at, report.answered_at or report.ended_at, report.paused_since)
            return self._out(clock, to_resolve, report, extensions)

        own = None
        if report.held_since and report.own_accept_due_at and report.own_resolve_due_at:
            own = OwnClocksOut(
                unit=report.holder,
                acceptance=acceptance(report.held_since, report.own_accept_due_at, report.own_accepted_at),
                resolution=resolution(own_starts, report.own_resolve_due_at),
            )
        return ClocksOut(
            code=code,
            acceptance=acceptance(began_at, report.accept_due_at, report.accepted_at),
            resolution=resolution(starts, report.resolve_due_at),
            own=own,
            reminders=[
                ReminderOut(clock=said.clock, overdue=said.overdue, due_at=said.due_at, at=said.at)
                for said in report.reminded
            ],
        )

    def _out(
        self, clock: DeadlineClock, limit: Limit, report: Feedback, extensions: Sequence[ClockExtension]
    ) -> ClockOut:
        running = clock.stopped_at is None
        return ClockOut(
            rule=LimitOut(id=limit.id, source=limit.source, status=limit.status),
            started_at=clock.started_at,
            due_at=clock.due_at,
            provisional=running and self.deadlines.is_provisional(report.timing, clock.started_at, clock.due_at),
            stopped_at=clock.stopped_at,
            state=clock.state(self.clock.now()),
            pauses=_pauses(report, clock.started_at, clock.stopped_at),
            extensions=list(extensions),
        )


def _pauses(report: Feedback, started_at: datetime | None, stopped_at: datetime | None) -> list[ClockPause]:
    """The pauses that this clock met."""
    pauses = [ClockPause(since=pause.since, until=pause.until) for pause in report.pauses]
    if report.paused_since is not None:
        pauses.append(ClockPause(since=report.paused_since, until=None))
    return [
        pause
        for pause in pauses
        if started_at is not None
        and (pause.until is None or pause.until > started_at)
        and (stopped_at is None or pause.since < stopped_at)
    ]


def _extension(row: RowMapping) -> ClockExtension:
    former_due_at = datetime.fromisoformat(row["details"]["former_resolve_due_at"])
    return ClockExtension(former_due_at=former_due_at, due_at=row["resolve_due_at"], reason=row["note"])
