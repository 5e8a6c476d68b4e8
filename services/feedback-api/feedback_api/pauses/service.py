"""Ends pauses whose time is over: a question that nobody answers may not stop a clock for ever."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.transitions import Step
from cchc_shared.service.workflow import Workflow, entry_of
from feedback_api.deadlines.domain import Deadlines
from feedback_api.pauses import repository
from feedback_api.reports import effects
from feedback_api.reports.domain import Feedback
from feedback_api.reports.rules import AskingRules
from feedback_api.reports.transitions import TABLE, FeedbackAction
from feedback_api.rulebook import first_in_force

ACTION: Final = "go_on"
"""The action's name in the history. Nobody takes it."""
AT_ONCE: Final = 500
"""So many reports go on in one transaction at most; the others follow a minute later."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """The use case."""

    calendar: WorkingCalendar
    rules: AskingRules
    deadlines: Deadlines
    workflow: Workflow[Feedback, Feedback]

    async def run(self, conn: AsyncConnection, now: datetime) -> None:
        """Let the clocks go on where the sender's time is over, as of that time, without commit."""
        shortest = min(rule.within_days for rule in self.rules.asking)
        for report in await repository.lock_paused(conn, now - timedelta(days=shortest), AT_ONCE):
            ends_at = self._ends_at(report)
            if ends_at is not None and ends_at <= now:
                await self._go_on(conn, report, ends_at, now)

    def _ends_at(self, report: Feedback) -> datetime | None:
        if report.paused_since is None:
            return None
        rule = first_in_force(self.rules.asking, report.matter, self.calendar.local_date(report.received_at))
        asked_on = self.calendar.local_date(report.paused_since)
        return self.calendar.end_of_day(asked_on + timedelta(days=rule.within_days))

    async def _go_on(self, conn: AsyncConnection, before: Feedback, ends_at: datetime, now: datetime) -> None:
        row = TABLE.row(before, FeedbackAction.SUPPLEMENT)
        if row is None:  # it is looked for where the table has one
            raise LookupError(before.status)
        step = Step(before, replace(before, status=row.target, version=before.version + 1), ends_at)
        note = "Hết thời gian bổ sung, đồng hồ chạy tiếp · the time for more information is over, the clocks go on"
        change = effects.supplement(step, note, self.deadlines)
        entry = entry_of(before, change, action=ACTION, at=now, recorded_at=now)
        await self.workflow.record(conn, before, change, entry)
