"""The work of a unit in a period. Nothing is written here."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    and_,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.storage.records import records
from tasks_api.kpi.domain import Work
from tasks_api.periods import Period
from tasks_api.tasks.domain import UnitRole
from tasks_api.tasks.models import task_history, task_parties, tasks
from tasks_api.tasks.repository import follows_children, is_overdue, late_at

_T, _H, _P = tasks.c, task_history.c, task_parties.c
_RESOLUTION: Final = timedelta(microseconds=1)


async def work_of(
    conn: AsyncConnection, unit: str, period: Period, roles: Collection[UnitRole], *, now: datetime, timezone: str
) -> list[Work]:
    """What the unit led, co-ordinated or passed on late, if its last day, or that of its completion, is in the period.

    A task of many units counts as each unit's own for its lead, and once for those who co-ordinate it. A recurring one
    counts as its occurrences.
    """
    last_day = _day(late_at() - _RESOLUTION, timezone)
    completed_on = _day(_T.completed_at, timezone)
    day = func.coalesce(last_day, completed_on)
    is_done = _T.status == TaskStatus.COMPLETED.value
    parent = tasks.alias("parent")
    of_many = select(parent.c.id).where(parent.c.code == _T.parent, parent.c.fanned_out).exists()
    own = {
        UnitRole.LEAD: and_(_T.lead_unit == unit, ~follows_children()),
        UnitRole.COORDINATING: and_(_T.lead_unit != unit, ~of_many, or_(_T.fanned_out, ~follows_children())),
    }
    found = [
        _work(role, last_day, completed_on, _T.quality, literal(None, Integer))
        .join(task_parties, and_(_P.task_id == _T.id, _P.unit == unit, _P.roles.contains([role.value])))
        .where(own[role], or_(is_done, is_overdue(now)), day.between(period.first_day, period.last_day))
        for role in own
        if role in roles
    ]
    if UnitRole.LEAD in roles:
        found.append(_passed_on(unit, period, timezone))
    return records(await conn.execute(union_all(*found)), Work)


def _passed_on(unit: str, period: Period, timezone: str) -> Select[Any]:
    """Duties that ended unmet, by the last day that stood before they did."""
    before = task_history.alias("before")
    missed = func.coalesce(_day(before.c.late_from - _RESOLUTION, timezone), before.c.due_on)
    return (
        _work(UnitRole.LEAD, missed, null(), null(), _H.version)
        .join(task_history, _H.task_id == _T.id)
        .join(before, and_(before.c.task_id == _H.task_id, before.c.version == _H.version - 1))
        .where(_H.missed_by == unit, missed.between(period.first_day, period.last_day))
    )


def _work(
    role: UnitRole,
    last_day: ColumnElement[date],
    completed_on: ColumnElement[Any],
    quality: ColumnElement[Any],
    handed_on: ColumnElement[Any],
) -> Select[Any]:
    return select(
        _T.code.label("task"),
        _T.title,
        literal(role.value).label("role"),
        _T.urgency,
        last_day.label("last_day"),
        cast(completed_on, Date).label("completed_on"),
        cast(quality, Integer).label("quality"),
        handed_on.label("handed_on"),
    ).select_from(tasks)


def _day(instant: ColumnElement[Any], timezone: str) -> ColumnElement[date]:
    return cast(func.timezone(timezone, instant), Date)
