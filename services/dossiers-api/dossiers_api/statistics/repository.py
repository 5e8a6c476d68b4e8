"""Counts of dossiers, by one statement."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from dossiers_api.dossiers.models import dossier
from dossiers_api.statistics.domain import Dimension

c = dossier.c


async def counts(
    conn: AsyncConnection,
    dimensions: Sequence[Dimension],
    *,
    unit: str | None,
    since: datetime | None,
    until: datetime | None,
    now: datetime,
    timezone: str,
) -> list[Mapping[str, object]]:
    """A row for each combination there is; received from `since` on and before `until`."""
    wanted: list[ColumnElement[bool]] = [c.received_at.is_not(None)]
    wanted += [] if unit is None else [c.unit == unit]
    wanted += [] if since is None else [c.received_at >= since]
    wanted += [] if until is None else [c.received_at < until]
    groups = [group_by(each, timezone).label(each) for each in dimensions]
    query = select(*groups, *counts_at(now)).where(*wanted).group_by(*groups).order_by(*groups)
    return [dict(row) for row in (await conn.execute(query)).mappings()]


def group_by(dimension: Dimension, timezone: str) -> ColumnElement[str]:
    """What dossiers of one row share; the month is local."""
    if dimension is Dimension.MONTH:
        return func.to_char(func.timezone(literal(timezone), c.received_at), "YYYY-MM")
    return c[dimension]


def counts_at(now: datetime) -> list[ColumnElement[int]]:
    """Judged as `is_late` of the domain does."""
    dated, too_often = c.due_at.is_not(None), c.late_from.is_not(None)
    over = func.coalesce(c.ended_at, c.waiting_since)
    in_time = and_(~too_often, over < c.due_at)
    late_end = or_(too_often, over >= c.due_at)
    running = and_(~too_often, over.is_(None))
    return [
        _count("received", literal(value=True)),
        _count("ended", c.ended_at.is_not(None)),
        _count("on_time", and_(dated, in_time)),
        _count("late", and_(dated, late_end)),
        _count("overdue_open", and_(dated, running, c.due_at <= now)),
        _count("not_due", and_(dated, running, c.due_at > now)),
        _count("undated", ~dated),
    ]


def _count(name: str, what: ColumnElement[bool]) -> ColumnElement[int]:
    return func.count(case((what, 1))).label(name)
