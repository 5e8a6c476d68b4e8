"""Counting reports in the database."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Subquery, func, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.backlog import Backlog
from feedback_api.reports.models import feedback, history
from feedback_api.statistics.domain import Dimension


@dataclass(frozen=True, slots=True)
class CountQuery:
    """A query for counts. `until` is exclusive; `past` asks for the state just before `moment`, not the present one."""

    dimensions: Sequence[Dimension]
    since: datetime | None
    until: datetime | None
    moment: datetime
    past: bool
    unit: str | None
    timezone: str


async def count(conn: AsyncConnection, query: CountQuery) -> Sequence[RowMapping]:
    """One row for each combination that occurs, in order; a single row when nothing is grouped by."""
    reports = _reports(query)
    c = reports.c
    dimensions = [c[dimension] for dimension in query.dimensions]
    unanswered = c.answered_at.is_(None)
    # What becomes late at the very end of a past day was not late on that day.
    reached = c.resolve_due_at < query.moment if query.past else c.resolve_due_at <= query.moment
    statement = select(
        *dimensions,
        func.count().label("received"),
        func.count(c.answered_at).label("resolved"),
        _count_where("on_time", c.answered_at < c.resolve_due_at),
        _count_where("late", c.answered_at >= c.resolve_due_at),
        _count_where("overdue_open", unanswered & reached),
        _count_where("reopened", c.status == "reopened"),
    ).select_from(reports)
    if query.unit is not None:
        statement = statement.where(c.unit == query.unit)
    return (await conn.execute(statement.group_by(*dimensions).order_by(*dimensions))).mappings().all()


async def count_open(conn: AsyncConnection, now: datetime) -> Backlog:
    """One query over the partial index of unanswered reports."""
    overdue = func.count().filter(feedback.c.resolve_due_at <= now)
    statement = select(func.count(), overdue).where(feedback.c.answered_at.is_(None))
    return Backlog(*(await conn.execute(statement)).one())


def _count_where(name: str, condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count().filter(condition).label(name)


def _reports(query: CountQuery) -> Subquery:
    """The reports received in the period, as they stand or as they stood.

    As its history tells, another unit may have held a report then, with another deadline.
    """
    source = _last_before(query.moment) if query.past else feedback
    statement = select(
        func.to_char(func.timezone(query.timezone, feedback.c.received_at), "YYYY-MM").label(Dimension.MONTH),
        feedback.c.channel,
        feedback.c.kind,
        *(source.c[name] for name in ("unit", "status", "resolve_due_at", "answered_at")),
    )
    if query.past:
        statement = statement.select_from(feedback.join(source, true()))
    if query.since is not None:
        statement = statement.where(feedback.c.received_at >= query.since)
    if query.until is not None:
        statement = statement.where(feedback.c.received_at < query.until)
    return statement.subquery("reports")


def _last_before(moment: datetime) -> Any:
    return (
        select(history.c.unit, history.c.status, history.c.resolve_due_at, history.c.answered_at)
        .where(history.c.code == feedback.c.code, history.c.at < moment)
        .order_by(history.c.version.desc())
        .limit(1)
        .lateral("stood")
    )
