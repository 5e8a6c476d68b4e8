"""Says of each due time that it is near, and that it is reached: once, by whichever instance looks first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import FeedbackClock
from cchc_shared.contract.events.feedback import FeedbackDueSoon, FeedbackOverdue
from cchc_shared.contract.provenance import Text
from cchc_shared.contract.transitions import Change
from cchc_shared.service.timers import Swept
from cchc_shared.service.workflow import Workflow, entry_of
from feedback_api.reminders import repository
from feedback_api.reports.domain import Feedback, Reminder, state
from feedback_api.reports.reminders import Reminders

DUE_SOON: Final = "due_soon"
OVERDUE: Final = "overdue"
"""The actions' names in the history. Nobody takes them."""
AT_ONCE: Final = 200

_NAMES: Final = {
    FeedbackClock.ACCEPTANCE: Text("tiếp nhận", "acceptance"),
    FeedbackClock.RESOLUTION: Text("trả lời", "the answer"),
    FeedbackClock.PROMISE: Text("trả lời đã hẹn với người gửi", "the answer that its sender was promised"),
}


@dataclass(frozen=True, slots=True)
class Reminding:
    """The use case."""

    reminders: Reminders
    workflow: Workflow[Feedback, Feedback]

    async def run(self, conn: AsyncConnection, now: datetime) -> Swept:
        """Say what is to be said by now of some reports, each with its row of history and its event, without commit."""
        reports = await repository.lock_due(conn, now, AT_ONCE)
        for report in reports:
            said = self.reminders.due(report, now)
            for reminder in said:
                report = await self._say(conn, report, reminder, now)
            if not said:  # an instance that is older than this one wrote it
                await repository.put_off(conn, self.reminders.set(report))
        return Swept(len(reports), min((each.remind_at for each in reports if each.remind_at), default=None))

    async def _say(self, conn: AsyncConnection, before: Feedback, reminder: Reminder, now: datetime) -> Feedback:
        after = replace(before, version=before.version + 1, reminded=(*before.reminded, reminder))
        fields = {**state(after), "clock": reminder.clock, "due_at": reminder.due_at}
        what = _NAMES[reminder.clock]
        details = {"clock": reminder.clock, "due_at": reminder.due_at.isoformat()}
        if reminder.overdue:
            note = f"Quá hạn {what.vi} · {what.en} is overdue"
            change = Change(after, FeedbackOverdue(**fields), note=note, details=details)
            entry = entry_of(before, change, action=OVERDUE, at=reminder.due_at, recorded_at=now)
        else:
            note = f"Sắp đến hạn {what.vi} · {what.en} is due soon"
            change = Change(after, FeedbackDueSoon(**fields), note=note, details=details)
            entry = entry_of(before, change, action=DUE_SOON, at=now, recorded_at=now)
        return await self.workflow.record(conn, before, change, entry)
