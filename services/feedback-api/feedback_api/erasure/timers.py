"""Erasing what has been kept long enough.

No index knows when a report ended, and none is worth its place on the way in: once a minute some thousand reports are
looked at, from the oldest to the youngest that may be due, and then from the oldest again. A city with ten million
reports is walked through in a day, for periods that are counted in months.
"""

from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from feedback_api.erasure import repository
from feedback_api.erasure.domain import Ends, Tombstone
from feedback_api.erasure.repository import Passed, Place
from feedback_api.reports.domain import ENDED, Erased
from feedback_api.reports.rules import RetentionRules

LOOKED_AT: Final = 10_000
AT_ONCE: Final = 500
"""So many reports lose something in one transaction at most; the others follow a minute later."""


class Retention:
    """The walk, and how far this process has come."""

    def __init__(self, rules: RetentionRules, calendar: WorkingCalendar) -> None:
        self._rules = rules
        self._calendar = calendar
        self._after: Place | None = None

    async def run(self, conn: AsyncConnection, now: datetime) -> int:
        """Erase what is due among the next reports, without commit; returns how many lost something."""
        ends = Ends.at(now.astimezone(self._calendar.timezone), self._rules.retention)
        page = await repository.page(conn, self._after, ends.contact, LOOKED_AT)
        candidates = [report for report in page if _may_be_due(report, ends)]
        taken = candidates[:AT_ONCE]
        last = taken[-1] if len(candidates) > AT_ONCE else page[-1] if len(page) == LOOKED_AT else None
        ended = await repository.lock_ended(conn, [report.code for report in taken]) if taken else {}
        due = {code: ends.due(erased, at) for code, (erased, at) in ended.items()}
        for what in Erased:
            if codes := [code for code, parts in due.items() if what in parts]:
                await repository.erase(conn, codes, self._tombstone(what, now))
        self._after = None if last is None else (last.received_at, last.code)
        return sum(map(bool, due.values()))

    def _tombstone(self, what: Erased, now: datetime) -> Tombstone:
        periods = self._rules.retention
        rule = periods.contact if what is Erased.CONTACT else periods.text
        return Tombstone(what=what, at=now, rule=rule.id, rules_version=self._rules.version)


def _may_be_due(report: Passed, ends: Ends) -> bool:
    """Whether it would be if it had ended when it came in."""
    return report.status in ENDED and bool(ends.due(report.erased, report.received_at))
