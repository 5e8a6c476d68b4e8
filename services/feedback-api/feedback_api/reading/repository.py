"""Pages of reports, and who may list which."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.access import Principal
from feedback_api.reading.schemas import FeedbackQuery
from feedback_api.reports.access import Scope, scope
from feedback_api.reports.models import SEARCH, feedback
from feedback_api.reports.schemas import FeedbackItem

_ITEM = [feedback.c[name] for name in FeedbackItem.model_fields]
_EQUAL = ("status", "unit", "channel", "kind", "category")


async def page(
    conn: AsyncConnection, conditions: Sequence[ColumnElement[bool]], after: tuple[datetime, str] | None, limit: int
) -> list[FeedbackItem]:
    """Reports newest first, at most `limit`, from the one that follows `after` (instant of receipt and code)."""
    newest_first = feedback.c.received_at.desc(), feedback.c.code.desc()
    query = select(*_ITEM).where(*conditions).order_by(*newest_first).limit(limit)
    if after is not None:
        query = query.where(tuple_(feedback.c.received_at, feedback.c.code) < after)
    rows = await conn.execute(query)
    return [FeedbackItem.model_validate(dict(zip(FeedbackItem.model_fields, row, strict=True))) for row in rows]


def in_scope_of(caller: Principal) -> ColumnElement[bool]:
    """The reports that the caller may list."""
    match scope(caller):
        case Scope.ALL:
            return true()
        case Scope.UNIT:
            return feedback.c.unit == caller.unit
        case Scope.OWN:
            return feedback.c.submitted_by == caller.sub


def matching(query: FeedbackQuery, calendar: WorkingCalendar, now: datetime) -> list[ColumnElement[bool]]:
    """The conditions of a query. Raises a problem for a period that ends before it begins."""
    c = feedback.c
    conditions: list[ColumnElement[bool]] = [
        c[name] == value for name in _EQUAL if (value := getattr(query, name)) is not None
    ]
    if query.routed is not None:
        conditions.append(c.routing["by"].astext == query.routed)
    since, until = query.period(calendar)
    if since is not None:
        conditions.append(c.received_at >= since)
    if until is not None:
        conditions.append(c.received_at < until)
    # Not reached while its clocks stand still, however late it is by now.
    until_when = func.coalesce(c.paused_since, now)
    for asked, due_at in (
        (query.overdue, c.resolve_due_at),
        (query.own_overdue, func.coalesce(c.own_resolve_due_at, c.resolve_due_at)),
    ):
        if asked is not None:
            overdue = and_(c.answered_at.is_(None), c.ended_at.is_(None), due_at <= until_when)
            conditions.append(overdue if asked else ~overdue)
    if query.q is not None:
        found = literal_column(SEARCH).op("@@")(func.websearch_to_tsquery("simple", query.q))
        conditions.append(or_(found, c.code == query.q))
    return conditions
