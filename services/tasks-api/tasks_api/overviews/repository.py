"""What co-ordinators look at, each overview one statement. Nothing is written here."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    RowMapping,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import ConsultationStatus, SubmissionStatus, TaskStatus
from tasks_api.consultations.models import consultations
from tasks_api.overviews.domain import WaitsFor
from tasks_api.overviews.schemas import HandoversQuery, LateQuery, ReturnedQuery, SilentQuery, WaitingQuery
from tasks_api.submissions.models import submission_history, submissions
from tasks_api.submissions.transitions import SubmissionAction
from tasks_api.tasks.models import task_history, tasks
from tasks_api.tasks.repository import follows_children, is_overdue, is_party, late_at
from tasks_api.tasks.transitions import TaskAction

_T, _H, _C, _S = tasks.c, task_history.c, consultations.c, submissions.c
_MOVES: Final = (TaskAction.RETURN.value, TaskAction.TRANSFER.value)
_LED_THERE: Final = [
    each.value
    for each in (TaskAction.REPORT, TaskAction.APPROVE, TaskAction.REQUEST_EXTENSION, TaskAction.PROPOSE_CLOSE)
]


async def late(
    conn: AsyncConnection,
    wanted: LateQuery,
    *,
    reader: str | None,
    now: datetime,
    after: tuple[str, datetime, int] | None,
) -> Sequence[RowMapping]:
    """Overdue tasks by lead, the longest late first; one more than the page holds. What is done by its
    children, as a task of many units is, stands here as these."""
    since = late_at().label("late_since")
    query = _of_tasks(
        select(
            _T.id, _T.code.label("task"), _T.title, _T.lead_unit.label("unit"), _T.plan, _T.status, _T.due_on, since
        ),
        wanted.plan,
        reader,
    )
    query = query.where(is_overdue(now), ~follows_children())
    if wanted.unit:
        query = query.where(_T.lead_unit == wanted.unit)
    key = _T.lead_unit, late_at(), _T.id
    if after:
        query = query.where(tuple_(*key) > after)
    return await _rows(conn, query.order_by(*key).limit(wanted.limit + 1))


async def waiting(
    conn: AsyncConnection, wanted: WaitingQuery, *, reader: str | None, after: tuple[datetime, int] | None
) -> Sequence[RowMapping]:
    """Tasks that wait for a decision, since the action that led there; one more than the page holds."""
    first = and_(_T.status == TaskStatus.REPORTED.value, _T.approvals == 0)
    waits_for = case(
        (first, WaitsFor.FIRST_APPROVAL.value),
        (_T.status == TaskStatus.REPORTED.value, WaitsFor.SECOND_APPROVAL.value),
        (_T.status == TaskStatus.EXTENSION_REQUESTED.value, WaitsFor.EXTENSION.value),
        else_=WaitsFor.CLOSING.value,
    )
    decides = case((first, _T.lead_unit), else_=_T.assigning_unit)
    since = (
        select(func.max(_H["at"]))
        .where(_H.task_id == _T.id, _H.action.in_(_LED_THERE))
        .correlate(tasks)
        .scalar_subquery()
    )
    query = _of_tasks(
        select(
            _T.id,
            _T.code.label("task"),
            _T.title,
            _T.lead_unit.label("unit"),
            _T.plan,
            _T.due_on,
            _T.requested_due_on,
            waits_for.label("waits_for"),
            decides.label("decides"),
            since.label("since"),
        ),
        wanted.plan,
        reader,
    )
    statuses = TaskStatus.REPORTED, TaskStatus.EXTENSION_REQUESTED, TaskStatus.CLOSE_PROPOSED
    query = query.where(_T.status.in_([each.value for each in statuses]), ~_T.fanned_out)
    if wanted.unit:
        query = query.where(decides == wanted.unit)
    if wanted.waits_for:
        query = query.where(waits_for == wanted.waits_for.value)
    found = query.subquery()
    key = found.c.since, found.c.id
    page = select(found).order_by(*key).limit(wanted.limit + 1)
    return await _rows(conn, page.where(tuple_(*key) > after) if after else page)


async def handed_over(
    conn: AsyncConnection, wanted: HandoversQuery, *, reader: str | None, after: tuple[int, int] | None
) -> Sequence[RowMapping]:
    """Tasks that units handed over, the most often first; one more than the page holds."""
    query = _of_tasks(
        select(
            _T.id,
            _T.code.label("task"),
            _T.title,
            _T.lead_unit.label("unit"),
            _T.plan,
            _T.status,
            _T.handovers,
            _T.unjustified,
        ),
        wanted.plan,
        reader,
    ).where(_T.handovers > 0)
    if wanted.unit:
        by_unit = select(_H.task_id).where(
            _H.task_id == _T.id, _H.action.in_(_MOVES), _H.from_unit == wanted.unit, _H.details["by_office"].is_(None)
        )
        query = query.where(by_unit.exists())
    key = _T.handovers, _T.id
    if after:
        query = query.where(tuple_(*key) < after)
    return await _rows(conn, query.order_by(*(each.desc() for each in key)).limit(wanted.limit + 1))


async def moves(conn: AsyncConnection, tasks_: Sequence[int]) -> dict[int, list[RowMapping]]:
    """Every change of the lead of these tasks, in order."""
    query = (
        select(
            _H.task_id,
            _H.version,
            _H["at"],
            _H.action,
            _H.from_unit,
            _H.unit.label("to_unit"),
            _H.details["by_office"].is_not(None).label("by_office"),
            _H.note.label("reason"),
        )
        .where(_H.task_id.in_(tasks_), _H.from_unit != _H.unit)
        .order_by(_H.task_id, _H.version)
    )
    found: dict[int, list[RowMapping]] = {}
    for row in (await conn.execute(query)).mappings():
        found.setdefault(row["task_id"], []).append(row)
    return found


async def silent(
    conn: AsyncConnection,
    wanted: SilentQuery,
    *,
    reader: str | None,
    since: datetime,
    until: datetime,
    after: tuple[int, str] | None,
) -> Sequence[RowMapping]:
    """Units that were asked, or asked, from `since`, as that stood just before `until`; the most silent first.

    What each count means, the statistics of consultations say: they follow from instants alone.
    """
    ended = _C.ended_at < until
    lapsed = and_(_C.due_at < until, _C.status.in_([each.value for each in _SILENCE]))
    answered_late = func.coalesce(_C.late_answered_at < until, false())
    asked = {
        "asked": true(),
        "answered": and_(ended, _C.status == ConsultationStatus.ANSWERED.value),
        "returned": and_(ended, _C.status == ConsultationStatus.RETURNED.value),
        "withdrawn": and_(ended, _C.status == ConsultationStatus.WITHDRAWN.value),
        "late": and_(lapsed, answered_late),
        "silent": and_(lapsed, ~answered_late),
        "deemed": and_(lapsed, _C.deemed_consent),
        "open": and_(~func.coalesce(ended, false()), ~lapsed),
    }
    asks = {"asks": true(), "needless": asked["returned"]}
    within = _C.asked_at >= since, _C.asked_at < until
    sides = []
    for whose, said, others in ((_C.unit, asked, asks), (_C.asker, asks, asked)):
        columns = {name: _one(condition) for name, condition in said.items()} | dict.fromkeys(others, literal(0))
        side = select(whose.label("unit"), *(columns[name].label(name) for name in (*asked, *asks))).where(*within)
        wished = {each for each in (reader, wanted.unit) if each is not None}
        sides.append(side.where(*(whose == each for each in wished)))
    each = union_all(*sides).subquery().c
    counted = select(each.unit, *(func.sum(each[name]).label(name) for name in (*asked, *asks))).group_by(each.unit)
    found = counted.subquery()
    missed = cast(found.c.late + found.c.silent, Integer).label("missed")
    query = select(found, missed).order_by(missed.desc(), found.c.unit).limit(wanted.limit + 1)
    if after:
        query = query.where((missed < after[0]) | ((missed == after[0]) & (found.c.unit > after[1])))
    return await _rows(conn, query)


async def returned(
    conn: AsyncConnection, wanted: ReturnedQuery, *, reader: str | None, after: tuple[datetime, int] | None
) -> Sequence[RowMapping]:
    """Papers that stand returned, the longest first; one more than the page holds."""
    history = submission_history.c
    came_back = (
        select(func.max(history["at"]).label("returned_at"), func.count().label("times"))
        .where(history.submission_id == _S.id, history.action == SubmissionAction.RETURN.value)
        .lateral("came_back")
    )
    query = (
        select(
            _S.id.label("key"),
            _S.code.label("id"),
            _S.task,
            _S.unit,
            _S.to_unit,
            _S.subject,
            _S.return_reason.label("reason"),
            came_back.c.returned_at,
            came_back.c.times,
        )
        .join(came_back, true())
        .where(_S.status == SubmissionStatus.RETURNED.value)
    )
    if reader is not None:
        query = query.where((_S.unit == reader) | (_S.to_unit == reader))
    if wanted.unit:
        query = query.where(_S.unit == wanted.unit)
    if wanted.reason:
        query = query.where(_S.return_reason == wanted.reason.value)
    key = came_back.c.returned_at, _S.id
    if after:
        query = query.where(tuple_(*key) > after)
    return await _rows(conn, query.order_by(*key).limit(wanted.limit + 1))


_SILENCE: Final = ConsultationStatus.OPEN, ConsultationStatus.DEEMED_AGREED, ConsultationStatus.SILENT


async def _rows(conn: AsyncConnection, query: Select[Any]) -> Sequence[RowMapping]:
    return list((await conn.execute(query)).mappings())


def _one(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _of_tasks(query: Select[Any], plan: str | None, reader: str | None) -> Select[Any]:
    """Of this plan, and of what this unit may read."""
    if plan:
        query = query.where(_T.plan == plan)
    return query if reader is None else query.where(is_party(reader))
