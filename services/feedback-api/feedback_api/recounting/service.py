"""Compares the due times of open reports with what the documents of today make of them."""

from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events.feedback import FeedbackRecounted
from cchc_shared.contract.transitions import Change
from cchc_shared.service.workflow import Workflow, entry_of
from feedback_api.deadlines.domain import Deadlines
from feedback_api.recounting import repository
from feedback_api.reports.domain import Feedback, state, with_due_times
from feedback_api.rulebook import NoRuleInForce

ACTION: Final = "recount"
"""The action's name in the history. Nobody takes it."""
PAGE: Final = 1000
AT_ONCE: Final = 500
"""So many reports are changed in one transaction at most; the others follow a minute later."""
REST: Final = timedelta(hours=1)
"""When all are right they stay so, but for what an instance that is older than this one still takes in."""


class Recounting:
    """The use case, and since when it may rest."""

    def __init__(self, calendar: str, deadlines: Deadlines, workflow: Workflow[Feedback, Feedback]) -> None:
        self._calendar = calendar
        self._deadlines = deadlines
        self._workflow = workflow
        self._right_at: datetime | None = None

    async def run(self, conn: AsyncConnection, now: datetime) -> None:
        """Change the due times that differ, each with its row of history and its event, without commit."""
        if self._right_at is not None and now - self._right_at < REST:
            return
        wrong: list[str] = []
        after: repository.Place | None = None
        while len(wrong) < AT_ONCE:
            page = await repository.unanswered(conn, after, PAGE)
            if not page:
                break
            wrong += [report.code for report in page if self._recounted(report) != report]
            after = page[-1].received_at, page[-1].code
        for report in await repository.lock(conn, wrong[:AT_ONCE]) if wrong else ():
            if self._recounted(report) != report:  # it may have changed before it was locked
                await self._store(conn, report, now)
        if not wrong:
            self._right_at = now

    def _recounted(self, report: Feedback) -> Feedback:
        try:
            return with_due_times(report, self._deadlines)
        except (NoRuleInForce, ValueError):  # the documents speak of its day no more: it stays as it was
            return report

    async def _store(self, conn: AsyncConnection, before: Feedback, now: datetime) -> None:
        after = replace(self._recounted(before), version=before.version + 1)
        change = Change(
            after,
            FeedbackRecounted(**state(after)),
            note=f"Tính lại hạn theo lịch làm việc {self._calendar} · counted anew by the calendar {self._calendar}",
            details={
                "calendar": self._calendar,
                "former_accept_due_at": before.accept_due_at.isoformat(),
                "former_resolve_due_at": before.resolve_due_at.isoformat(),
            },
        )
        entry = entry_of(before, change, action=ACTION, at=now, recorded_at=now)
        await self._workflow.record(conn, before, change, entry)
