"""Closed months in the database, and the count that a sheet is made of."""

import hashlib
from datetime import datetime
from typing import Any, NamedTuple, Self

import msgspec
from sqlalchemy import (
    CTE,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.months import Month
from cchc_shared.contract.codes import TaskStatus
from tasks_api.closings.domain import Figures, Sheet, Span
from tasks_api.closings.models import closed_months
from tasks_api.tasks.models import task_history, tasks
from tasks_api.tasks.repository import follows_children

_T, _H, _M = tasks.c, task_history.c, closed_months.c


class Closed(NamedTuple):
    """A version as it was stored: its JSON and the hash of that."""

    document: str
    sha256: str

    @classmethod
    def of(cls, sheet: Sheet) -> Self:
        written = msgspec.json.encode(sheet)
        return cls(written.decode(), hashlib.sha256(written).hexdigest())

    @property
    def sheet(self) -> Sheet:
        return msgspec.json.decode(self.document, type=Sheet)


async def figures(conn: AsyncConnection, span: Span, timezone: str) -> dict[str, Figures]:
    """The figures of each unit that has any, in one statement: four probes of the history for each task."""
    of = _of_the_month(span, timezone)
    of_the_month_before = and_(*_known(span.carried_known, span.begin))
    missed = (
        select(_H.missed_by.label("unit"))
        .join(tasks, _T.id == _H.task_id)
        .where(_H.missed_by.is_not(None), ~follows_children())
        .where(*_known(span.known, span.end), ~of_the_month_before)
        .subquery("missed_duties")
    )
    moved = of.c.first_unit != of.c.unit
    count = func.count
    at_first = _partial(
        of, of.c.first_unit,
        carried_over=count().filter(of.c.is_carried), assigned=count().filter(~of.c.is_carried),
        passed_on=count().filter(moved),
    )  # fmt: skip
    is_open = and_(~of.c.is_completed, ~of.c.is_closed)
    in_time = and_(of.c.reported_at.is_not(None), or_(of.c.late_at.is_(None), of.c.reported_at < of.c.late_at))
    at_last = _partial(
        of, of.c.unit,
        received=count().filter(moved),
        total=count(),
        due=count().filter(of.c.late_at > span.begin, of.c.late_at <= span.end),
        completed=count().filter(of.c.is_completed),
        completed_late=count().filter(of.c.is_completed, of.c.completed_at >= of.c.late_at),
        closed=count().filter(of.c.is_closed),
        open=count().filter(is_open),
        overdue=count().filter(is_open, ~in_time, of.c.late_at <= span.end),
        awaiting_approval=count().filter(is_open, in_time),
        no_deadline=count().filter(is_open, of.c.late_at.is_(None)),
    )  # fmt: skip
    parts = union_all(at_first, at_last, _partial(missed, missed.c.unit, missed=count())).subquery("parts")
    sums = (func.sum(parts.c[name]) for name in Figures.__struct_fields__)
    rows = await conn.execute(select(parts.c.unit, *sums).group_by(parts.c.unit))
    return {unit: Figures(*map(int, counts)) for unit, *counts in rows}


def _of_the_month(span: Span, timezone: str) -> CTE:
    """The tasks of the month: which unit led each at first and at the end, and how it ended or stands."""
    begun = _stood("begun", span.carried_known, span.begin)
    begun_known = _stood("begun_known", span.carried_known)
    stood = _stood("stood", span.known, span.end)
    known = _stood("known", span.known)
    first = task_history.alias("first")
    is_completed = _is_completed(known, span.end)
    ended_before = or_(begun.c.status == TaskStatus.CLOSED.value, _is_completed(begun_known, span.begin))
    # One whose approval came after the month is as its approval left it.
    last = {name: case((is_completed, known.c[name]), else_=stood.c[name]) for name in _STOOD}
    day_after = cast(cast(last["due_on"] + 1, Date), DateTime)
    return (
        select(
            begun.c.status.is_not(None).label("is_carried"),
            func.coalesce(begun.c.unit, first.c.unit).label("first_unit"),
            last["unit"].label("unit"),
            func.coalesce(last["late_from"], func.timezone(timezone, day_after)).label("late_at"),
            last["reported_at"].label("reported_at"),
            last["completed_at"].label("completed_at"),
            is_completed.label("is_completed"),
            and_(~is_completed, stood.c.status == TaskStatus.CLOSED.value).label("is_closed"),
        )
        .select_from(
            tasks.join(first, and_(first.c.task_id == _T.id, first.c.version == 1))
            .join(stood, true())
            .join(known, true())
            .outerjoin(begun, true())
            .outerjoin(begun_known, true())
        )
        .where(~follows_children(), or_(begun.c.status.is_(None), ~ended_before))
        .cte("of_the_month")
    )


_STOOD = "unit", "due_on", "late_from", "reported_at", "completed_at"


def _stood(name: str, known: datetime, end: datetime | None = None) -> FromClause:
    """How a task stood after its last change before `end`, by what was recorded before `known`."""
    columns = (_H[column] for column in ("status", *_STOOD))
    query = select(*columns).where(_H.task_id == _T.id, *_known(known, end))
    return query.order_by(_H.version.desc()).limit(1).lateral(name)


def _known(known: datetime, end: datetime | None) -> list[ColumnElement[bool]]:
    conditions = [_H.recorded_at < known]
    return conditions if end is None else [*conditions, _H["at"] < end]


def _is_completed(known: FromClause, end: datetime) -> ColumnElement[bool]:
    """Whether its report came before `end` and is approved."""
    done = and_(known.c.status == TaskStatus.COMPLETED.value, known.c.completed_at < end)
    return func.coalesce(done, False)


def _partial(of: FromClause, unit: ColumnElement[str], **counts: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    """Some of the figures by unit; the others are zero."""
    columns = (counts.get(name, literal(0)).label(name) for name in Figures.__struct_fields__)
    return select(unit.label("unit"), *columns).select_from(of).group_by(unit)


async def lock(conn: AsyncConnection) -> None:
    """One version is made at a time, until the transaction ends."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtext("closed_months"))))


async def months(conn: AsyncConnection) -> set[Month]:
    """The months that are closed."""
    return {Month.of(month) for month in await conn.scalars(select(_M.month).where(_M.version == 1))}


async def versions(conn: AsyncConnection) -> list[RowMapping]:
    """When and why each version was made, the newest month and version first."""
    named = (_M[name] for name in ("month", "version", "known_at", "closed_at", "reason", "sha256"))
    query = select(*named).order_by(_M.month.desc(), _M.version.desc())
    return list((await conn.execute(query)).mappings())


async def find(conn: AsyncConnection, month: Month, version: int | None = None) -> Closed | None:
    """That version; the newest if None."""
    query = select(_M.document, _M.sha256).where(_M.month == str(month))
    if version is not None:
        query = query.where(_M.version == version)
    row = (await conn.execute(query.order_by(_M.version.desc()).limit(1))).first()
    return None if row is None else Closed(*row)


async def store(conn: AsyncConnection, sheet: Sheet, closed: Closed, actor: str | None) -> None:
    """Add a version. `actor` is the subject of the token of who made it; None: the worker."""
    about = {name: getattr(sheet, name) for name in ("month", "version", "known_at", "closed_at", "reason")}
    await conn.execute(insert(closed_months).values(**about, **closed._asdict(), actor=actor))
