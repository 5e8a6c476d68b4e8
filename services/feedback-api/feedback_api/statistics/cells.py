"""Counts that are kept beside the reports: read, summed up, filled at first, compared and mended."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, Select, Subquery, func, select, union_all, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.backlog import Backlog
from feedback_api.reports.models import feedback
from feedback_api.statistics import repository, sql
from feedback_api.statistics.domain import Bounded, Dimension, Span, grain, month_of, name_of, split
from feedback_api.statistics.models import COUNTS, cell, change, state
from feedback_api.statistics.repository import CountQuery

_ANSWERED: Final = [name for name in COUNTS if name != "open"]


async def count(conn: AsyncConnection, query: CountQuery) -> Sequence[RowMapping]:
    """One row for each combination that occurs, in order; a single row when nothing is grouped by."""
    kept = None if query.past or not await _are_complete(conn, query.moment) else _kept(query)
    statement = repository.counted(query) if kept is None else kept
    result = await conn.execute(statement.order_by(*query.dimensions))
    rows: Sequence[RowMapping] = result.mappings().all()
    return rows


async def count_open(conn: AsyncConnection, now: datetime) -> Backlog:
    """Reports that are open, and those of them that are overdue."""
    statement = _kept_open(now) if await _are_complete(conn, now) else repository.unanswered(now)
    row = (await conn.execute(statement)).one()
    return Backlog(row[0], row[1])


def _kept_open(now: datetime) -> Select[int, int]:
    names = ("open", "overdue_open")
    summed = select(*(cell.c[name] for name in names)).where(cell.c.grain == grain((), by_unit=False))
    waiting = select(*(change.c[name] for name in names)).where(change.c.effective_at <= now, change.c.reports)
    every = union_all(summed, waiting).subquery()
    return select(_sum(every, "open"), _sum(every, "overdue_open"))


async def fold(conn: AsyncConnection, zone: ZoneInfo, until: datetime, limit: int) -> None:
    """Sum up changes that have taken effect by then, at most so many. Another instance at it is left to it."""
    locked = select(state.c.one).with_for_update(skip_locked=True)
    if await conn.scalar(locked):
        await conn.execute(sql.FOLD, {"zone": zone.key, "until": until, "limit": limit})
        await conn.execute(update(state).values(folded_until=func.greatest(state.c.folded_until, until)))


async def fill(conn: AsyncConnection, zone: ZoneInfo, now: datetime) -> bool:
    """Count the next month of reports that are older than the cells; whether there was anything to do."""
    unfilled = select(state.c.filled_until).where(~state.c.filled).with_for_update(skip_locked=True)
    row = (await conn.execute(unfilled)).first()
    if row is None:
        return False
    oldest = select(func.min(feedback.c.received_at))
    instant = await conn.scalar(
        oldest if row.filled_until is None else oldest.where(feedback.c.received_at >= row.filled_until)
    )
    if instant is None:
        await mark_filled(conn)
    else:
        month = month_of(instant, zone)
        await conn.execute(sql.MEND, _given(month, zone, now))
        await conn.execute(update(state).values(filled_until=month.until))
    return True


async def mark_filled(conn: AsyncConnection) -> None:
    """From now on statistics are read from cells: every month has been filled, or mended."""
    await conn.execute(update(state).values(filled=True))


async def mend(conn: AsyncConnection, month: Bounded, zone: ZoneInfo, now: datetime) -> int:
    """Put the counts of a month right; how many differed from those of its reports."""
    await conn.execute(select(state.c.one).with_for_update())
    found: int = await conn.scalar(sql.MEND, _given(month, zone, now)) or 0
    return found


async def compare(conn: AsyncConnection, month: Bounded, zone: ZoneInfo, now: datetime) -> int:
    """How many counts of a month differ from those of its reports."""
    found: int = await conn.scalar(sql.COMPARE, _given(month, zone, now)) or 0
    return found


async def months(conn: AsyncConnection, zone: ZoneInfo) -> Sequence[Bounded]:
    """The months from the first report to the last, and those that cells tell of."""
    first, last = (await conn.execute(select(func.min(feedback.c.received_at), func.max(feedback.c.received_at)))).one()
    told = await conn.scalars(select(cell.c.month).distinct())
    found = {_named(name, zone) for name in told}
    while first is not None and first <= last:
        month = month_of(first, zone)
        found.add(month)
        first = month.until
    return sorted(found)


def _named(name: str, zone: ZoneInfo) -> Bounded:
    return month_of(datetime.strptime(name, "%Y-%m").replace(tzinfo=zone), zone)


def _given(month: Bounded, zone: ZoneInfo, now: datetime) -> dict[str, object]:
    return {
        "zone": zone.key,
        "month": name_of(month.since, zone),
        "since": month.since,
        "until": month.until,
        "now": now,
    }


async def _are_complete(conn: AsyncConnection, moment: datetime) -> bool:
    """Whether all reports are counted, and nothing that takes effect after this moment is summed up."""
    return bool(await conn.scalar(select(state.c.filled & (state.c.folded_until <= moment))))


def _kept(query: CountQuery) -> Select[Any] | None:
    """The same counts from cells, what is not summed up yet, and the reports of months that are not whole."""
    cells = grain(query.dimensions, by_unit=query.by_unit)
    zone = ZoneInfo(query.timezone)
    parts = split(Span(query.since, query.until), zone, query.moment)
    if cells is None or parts is None:
        return None
    dimensions = [str(name) for name in query.dimensions]
    statements = [
        _summed(query, cells, parts.months, zone),
        _waiting(query, parts.months),
        *(_of_rows(query, span) for span in parts.added),
        *(_of_rows(query, span, sign=-1) for span in parts.removed),
    ]
    every = union_all(*statements).subquery()
    by = [every.c[name] for name in dimensions]
    statement = select(*by, *(_sum(every, name) for name in _ANSWERED)).group_by(*by)
    return statement.having(func.sum(every.c.entries) > 0) if by else statement


def _of_rows(query: CountQuery, span: Bounded, *, sign: int = 1) -> Select[Any]:
    rows = repository.counted(replace(query, since=span.since, until=span.until)).subquery().c
    return select(*(rows[name] for name in query.dimensions), *((sign * rows[name]).label(name) for name in _ANSWERED))


def _sum(source: Subquery, name: str) -> ColumnElement[int]:
    return func.coalesce(func.sum(source.c[name]), 0).label(name)


def _summed(query: CountQuery, cells: int, months: Span, zone: ZoneInfo) -> Select[Any]:
    c = cell.c
    statement = select(
        *(func.nullif(c[name], "").label(name) for name in query.dimensions), *(c[name] for name in _ANSWERED)
    ).where(c.grain == cells)
    if months.since is not None:
        statement = statement.where(c.month >= name_of(months.since, zone))
    if months.until is not None:
        statement = statement.where(c.month < name_of(months.until, zone))
    return statement if query.unit is None else statement.where(c.unit == query.unit)


def _waiting(query: CountQuery, months: Span) -> Select[Any]:
    c = change.c
    month = func.to_char(func.timezone(query.timezone, c.received_at), "YYYY-MM").label(Dimension.MONTH)
    dimensions = [month if name is Dimension.MONTH else c[name] for name in query.dimensions]
    statement = select(*dimensions, *(c[name] for name in _ANSWERED)).where(
        c.effective_at <= query.moment, c.duties if query.by_unit else c.reports
    )
    if months.since is not None:
        statement = statement.where(c.received_at >= months.since)
    if months.until is not None:
        statement = statement.where(c.received_at < months.until)
    return statement if query.unit is None else statement.where(c.unit == query.unit)
