"""Counts of tasks on any day, set by set. Nothing is written here."""

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    and_,
    cast,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import TaskStatus
from tasks_api.progress.domain import EACH_UNITS, STATUSES, By, Counts, Origin
from tasks_api.progress.schemas import ProgressQuery
from tasks_api.tasks.domain import ENDED
from tasks_api.tasks.models import task_history, task_parties, tasks
from tasks_api.tasks.repository import follows_children, is_party

_T, _H, _P = tasks.c, task_history.c, task_parties.c
_RESOLUTION: Final = timedelta(microseconds=1)
Key = tuple[Any, ...]
"""What a group has in common: one value, or an `Origin`; nothing where all tasks are one group."""


class Scope(NamedTuple):
    """What is counted: at the end of `day`, which is the instant `end`, of what this unit may read (None: all).

    `origins` narrows to tasks that come from these. `city` is the unit that assigns in the name of the city.
    """

    wanted: ProgressQuery
    reader: str | None
    day: date
    end: datetime
    timezone: str
    due_soon_days: int
    city: str
    origins: Collection[Origin] | None = None

    @property
    def along(self) -> str | None:
        """The unit whose tasks are counted, as in the list of tasks; None for all."""
        return self.wanted.unit or self.reader


async def origins(conn: AsyncConnection, city: str) -> Sequence[Origin]:
    """Every source that tasks name, with whether the city assigned some of them."""
    query = select(_T.source, _T.assigning_unit == city).distinct()
    return [Origin(*row) for row in await conn.execute(query)]


async def counts(conn: AsyncConnection, scope: Scope, *, grouped: bool = True) -> list[tuple[Key, Counts]]:
    """Counts of each group, or of all tasks together.

    A task counts as its last change before the end of the day left it: one probe of the primary key for each.
    """
    last = (
        select(_H.status, _H.unit, _H.due_on, _H.completed_at, _H.late_from, _H.reported_at)
        .where(_H.task_id == _T.id, _H["at"] < scope.end)
        .order_by(_H.version.desc())
        .limit(1)
        .lateral("last")
    )
    missed = (
        select(_H.task_id, func.count().label("missed"))
        .where(_H.missed_by.is_not(None), _H["at"] < scope.end)
        .group_by(_H.task_id)
        .subquery("missed")
    )
    source = tasks.join(last, true()).outerjoin(missed, missed.c.task_id == _T.id)
    if scope.along is not None:
        source = source.join(task_parties, and_(_P.task_id == _T.id, _P.unit == scope.along))
    key = _key(last, scope) if grouped else ()
    columns = _counts(last, missed.c.missed, scope)
    query = select(*key, *columns).select_from(source).where(*_conditions(scope, last)).group_by(*key)
    return [(tuple(row[: len(key)]), Counts(*row[len(key) :])) for row in await conn.execute(query)]


def _key(last: FromClause, scope: Scope) -> tuple[ColumnElement[Any], ...]:
    match scope.wanted.by:
        case By.UNIT:
            return (last.c.unit,)
        case By.PLAN:
            return (_T.plan,)
        case By.MONTH:
            return (func.to_char(last.c.due_on, "YYYY-MM").label("month"),)
        case By.SOURCE:
            return _T.source, (_T.assigning_unit == scope.city).label("by_city")
        case By.ROLE:
            return (func.unnest(_P.roles).label("role"),)


def _counts(last: FromClause, missed: ColumnElement[int], scope: Scope) -> Iterator[ColumnElement[int]]:
    """The columns of `Counts`, in order. What each means is said by `tasks.progress`, whose results these equal."""
    of, day = last.c, scope.day
    completed_on, reported_on = (_day_of(instant, scope) for instant in (of.completed_at, of.reported_at))
    last_day = func.coalesce(cast(func.timezone(scope.timezone, of.late_from) - _RESOLUTION, Date), of.due_on)
    is_open = of.status.not_in([each.value for each in ENDED])
    awaiting = and_(is_open, reported_on.is_not(None), or_(last_day.is_(None), reported_on <= last_day))
    waiting = and_(is_open, of.due_on.is_not(None), ~awaiting)
    yield func.count()
    for status in STATUSES:
        yield func.count().filter(of.status == status.value)
    yield func.count().filter(of.status == TaskStatus.COMPLETED.value, completed_on > last_day)
    yield func.count().filter(waiting, last_day < day)
    yield func.count().filter(waiting, last_day.between(day, day + timedelta(days=scope.due_soon_days)))
    yield func.count().filter(is_open, of.due_on.is_(None))
    yield func.count().filter(awaiting)
    yield func.coalesce(func.sum(missed), 0)


def _day_of(instant: ColumnElement[datetime], scope: Scope) -> ColumnElement[date]:
    return cast(func.timezone(scope.timezone, instant), Date)


def _conditions(scope: Scope, last: FromClause) -> Iterator[ColumnElement[bool]]:
    wanted = scope.wanted
    yield ~follows_children() if wanted.by in EACH_UNITS else _T.parent.is_(None)
    if scope.reader is not None and scope.reader != scope.along:
        yield is_party(scope.reader)
    if wanted.role:
        yield _P.roles.contains([wanted.role.value])
    if wanted.plan:
        yield _T.plan == wanted.plan
    if wanted.due_from:
        yield last.c.due_on >= wanted.due_from
    if wanted.due_to:
        yield last.c.due_on <= wanted.due_to
    if scope.origins is not None:
        yield tuple_(_T.source, _T.assigning_unit == scope.city).in_(list(scope.origins))
