"""Says of each due time that it is near, and that it is reached: once, by whichever instance looks first.

A reminder is no change of the report: whoever is writing an answer at that moment is not told that it changed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.feedback import FeedbackDueSoon, FeedbackOverdue, FeedbackReminder
from cchc_shared.service.timers import Swept
from cchc_shared.stream import outbox
from feedback_api.reminders import repository
from feedback_api.reports.domain import Feedback, Reminded
from feedback_api.reports.reminders import Reminders

AT_ONCE: Final = 100
"""Reports of one transaction: meanwhile it takes processors from those who wait for an answer."""


@dataclass(frozen=True, slots=True)
class Reminding:
    """The use case."""

    reminders: Reminders

    async def run(self, conn: AsyncConnection, now: datetime) -> Swept:
        """Say what is to be said by now of some reports, each with its event, without commit."""
        reports = await repository.lock_due(conn, now, AT_ONCE)
        events, after = list[Event](), list[Feedback]()
        for report in reports:
            said = [
                # What is over was so from that instant on.
                Reminded(each.clock, each.due_at, each.overdue, report.holder, each.due_at if each.overdue else now)
                for each in self.reminders.due(report, now)
            ]
            events += [_event(report, len(report.reminded) + number, each, now) for number, each in enumerate(said, 1)]
            after.append(self.reminders.set(replace(report, reminded=(*report.reminded, *said))))
        if after:
            await repository.store(conn, after)
            await outbox.write(conn, events)
        return Swept(len(reports), min((each.remind_at for each in reports if each.remind_at), default=None))


def _event(report: Feedback, number: int, said: Reminded, now: datetime) -> Event:
    kind: type[FeedbackReminder] = FeedbackOverdue if said.overdue else FeedbackDueSoon
    data = kind(
        code=report.code,
        unit=said.unit,
        channel=report.channel,
        kind=report.kind,
        severity=report.severity,
        clock=said.clock,
        due_at=said.due_at,
        category=report.category,
        part_of=report.part_of,
    )
    return new_event(data, subject=report.code, version=number, occurred_at=said.at, recorded_at=now)
