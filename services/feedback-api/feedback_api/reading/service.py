"""Lists, reading and history of reports. What a caller may not see does not exist for that caller."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.access import Principal
from cchc_shared.http.paging import decode_cursor, encode_cursor, invalid_cursor
from cchc_shared.http.since import Followed, check_alone
from cchc_shared.storage import changes
from feedback_api.deadlines.domain import Deadlines
from feedback_api.reading.repository import UNSEEN, changed, matching, page, walks
from feedback_api.reading.schemas import FeedbackQuery
from feedback_api.reports import repository, views
from feedback_api.reports.access import bearer
from feedback_api.reports.schemas import FeedbackBrief, FeedbackHistory, FeedbackItem, FeedbackOut, FeedbackPage


class VersionedReport(NamedTuple):
    """A report as a reader sees it, with its version."""

    version: int
    report: FeedbackOut


@dataclass(frozen=True, slots=True)
class Reading:
    """The use cases of whoever reads reports."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    deadlines: Deadlines

    async def page(self, query: FeedbackQuery, caller: Principal) -> FeedbackPage:
        """The reports that the caller may read, newest first; with `since` what has changed, the oldest change first.

        Raises 410 where the cursor says nothing any more.
        """
        conditions = matching(query, caller, self.calendar, self.clock.now())
        if query.since is not None:
            return await self._changed(query, query.since, caller, conditions)
        after = None if query.cursor is None else _position(query.cursor)
        async with self.reading.connect() as conn:
            found = await page(conn, walks(caller, query), conditions, after, query.limit + 1)
        items = found[: query.limit]
        more = len(found) > query.limit
        cursor = encode_cursor(items[-1].received_at.isoformat(), items[-1].code) if more else None
        return FeedbackPage(**_shown(query, items), next_cursor=cursor)

    async def _changed(
        self, query: FeedbackQuery, since: str, caller: Principal, conditions: Sequence[ColumnElement[bool]]
    ) -> FeedbackPage:
        check_alone(query, "overdue", "own_overdue")
        async with self.reading.connect() as conn:
            followed = Followed.of(
                await changes.generation(conn),
                {"sub": caller.sub, "roles": sorted(caller.roles), "unit": caller.unit},
                query.model_dump(mode="json", exclude={"since", "limit", "view"}),
                self.clock.now(),
            )
            after = followed.place(since, UNSEEN)
            found = await changed(conn, caller, query, conditions, after, query.limit + 1)
        page = found[: query.limit]
        newest = {code: (place, item) for place, item in page for code in [place[1]]}
        return FeedbackPage(
            **_shown(query, [item for _, item in newest.values() if item is not None]),
            next_cursor=None,
            gone=[code for code, (_, item) in newest.items() if item is None],
            since=followed.cursor(page[-1].place if page else after),
            more=len(found) > query.limit,
        )

    async def read(self, code: str, caller: Principal | None, secret: str | None) -> VersionedReport:
        """The report, without its sender's contact data. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await repository.load_for(conn, code, caller, secret)
        return VersionedReport(report.version, views.report(report, bearer(caller, secret), self.deadlines))

    async def history(self, code: str, caller: Principal | None, secret: str | None) -> FeedbackHistory:
        """What happened to the report, oldest first. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await repository.load_for(conn, code, caller, secret)
            return views.history(report, caller, await repository.history_of(conn, code))


def _shown(query: FeedbackQuery, items: Sequence[FeedbackItem]) -> dict[str, Any]:
    """The reports of a page, in the form that was asked for."""
    if query.view == "brief":
        return {"items": [], "brief": [FeedbackBrief.model_validate(item) for item in items]}
    return {"items": items}


def _position(cursor: str) -> tuple[datetime, str]:
    at, code = decode_cursor(cursor, datetime, str)
    try:
        return at.astimezone(UTC), code
    except OverflowError as error:  # the first day of the calendar, in a time zone where it is a day earlier
        raise invalid_cursor() from error
