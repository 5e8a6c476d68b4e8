"""Queries and writes of reassignments: open work with units that ended, and what the runs did with it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    RowMapping,
    Select,
    Table,
    Text,
    and_,
    case,
    column,
    func,
    insert,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import (
    ConsultationStatus,
    RecommendationStatus,
    SubmissionReturnReason,
    SubmissionStatus,
)
from cchc_shared.storage.records import record
from tasks_api.consultations.models import consultation_history, consultations
from tasks_api.inspections.models import recommendation_history, recommendations
from tasks_api.reassignments.domain import Item, Outcome, Row, Seat, Why, Work
from tasks_api.reassignments.models import reassignment_outcomes, reassignments
from tasks_api.submissions.models import submission_history, submissions
from tasks_api.tasks.models import task_history, tasks
from tasks_api.tasks.notifications import REASSIGN

_R, _O = reassignments.c, reassignment_outcomes.c
_T, _C, _M, _S = tasks.c, consultations.c, recommendations.c, submissions.c


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A run: the mapping, who started it, and whether it is done."""

    id: int
    document_no: str
    reason: str
    rows: tuple[Row, ...]
    started_at: datetime
    started_by: str
    role: str
    finished_at: datetime | None = None


class _Kind(NamedTuple):
    """Where a kind of work stands. The first seat is the unit in its history; `office` is whose queue it waits in."""

    table: Table
    history: Table
    of: Column[Any]
    begun: Column[Any]
    seats: Mapping[Seat, Column[Any]]
    office: Column[Any]
    text: ColumnElement[str]
    task: Column[Any] | None = None


_KINDS: Final[Mapping[Work, _Kind]] = {
    Work.TASK: _Kind(
        tasks,
        task_history,
        task_history.c.task_id,
        _T.assigned_at,
        {Seat.LEAD: _T.lead_unit, Seat.ASSIGNING: _T.assigning_unit},
        _T.assigning_unit,
        func.concat_ws(" ", _T.title, _T.product),
    ),
    Work.CONSULTATION: _Kind(
        consultations,
        consultation_history,
        consultation_history.c.consultation_id,
        _C.asked_at,
        {Seat.ASKED: _C.unit, Seat.ASKER: _C.asker},
        _T.assigning_unit,
        func.concat_ws(" ", _T.title, _T.product, _C.question),
        _C.task,
    ),
    Work.RECOMMENDATION: _Kind(
        recommendations,
        recommendation_history,
        recommendation_history.c.recommendation_id,
        _M.issued_at,
        {Seat.RESPONSIBLE: _M.responsible_unit, Seat.INSPECTING: _M.inspecting_unit},
        _M.inspecting_unit,
        _M.text,
    ),
    Work.SUBMISSION: _Kind(
        submissions,
        submission_history,
        submission_history.c.submission_id,
        _S.drafted_at,
        {Seat.SENDER: _S.unit, Seat.RECEIVER: _S.to_unit},
        _T.assigning_unit,
        func.concat_ws(" ", _T.title, _T.product, _S.subject),
        _S.task,
    ),
}

Until = Mapping[str, datetime | None]
"""By code: what was taken before that instant, a unit took that has ended since. None: whatever has the code."""


async def begin(conn: AsyncConnection, run: Mapping[str, Any], rows: Sequence[Row]) -> int | None:
    """The id of a new run; None while another one is unfinished."""
    statement = upsert(reassignments).values(**run, rows=msgspec.to_builtins(rows)).on_conflict_do_nothing()
    id_: int | None = await conn.scalar(statement.returning(_R.id))
    return id_


async def get(conn: AsyncConnection, id_: int) -> Run | None:
    return _run((await conn.execute(select(reassignments).where(_R.id == id_))).mappings().first())


async def unfinished(conn: AsyncConnection, *, lock: bool = False) -> Run | None:
    """The run that is not done; locked, unless another worker is at it."""
    query = select(reassignments).where(_R.finished_at.is_(None))
    if lock:
        query = query.with_for_update(skip_locked=True, key_share=True)
    return _run((await conn.execute(query)).mappings().first())


async def finish(conn: AsyncConnection, id_: int, at: datetime) -> None:
    await conn.execute(update(reassignments).where(_R.id == id_).values(finished_at=at))


async def with_ended_units(
    conn: AsyncConnection,
    work: Work,
    until: Until,
    now: datetime,
    *,
    run: int | None = None,
    office: str | None = None,
    from_unit: str | None = None,
    since: int = 0,
    limit: int | None = None,
    lock: bool = False,
) -> list[Item]:
    """Open work of which a unit that ended has a seat, by id.

    Without what a `run` has decided already; locked, without what others are working on at this moment.
    """
    kind = _KINDS[work]
    query = (
        _with_ended(kind, work, until, now, from_unit)
        .where(kind.table.c.id >= since)
        .order_by(kind.table.c.id)
        .limit(limit)
    )
    if run is not None:
        decided = select(_O.code).where(_O.reassignment_id == run, _O.work == work.value, _O.code == kind.table.c.code)
        query = query.where(~decided.exists())
    if office is not None:
        query = query.where(kind.office == office)
    if lock:
        query = query.with_for_update(of=kind.table, skip_locked=True, key_share=True)
    return [_item(work, row) for row in (await conn.execute(query)).mappings()]


async def add_outcomes(conn: AsyncConnection, run: int, outcomes: Iterable[Outcome]) -> None:
    rows = [{"reassignment_id": run} | outcome._asdict() for outcome in outcomes]
    if rows:
        await conn.execute(insert(reassignment_outcomes), rows)


async def outcomes(
    conn: AsyncConnection, run: int, outcome: str | None, after: Sequence[str] | None, limit: int
) -> list[Outcome]:
    """A page of what the run did, by kind, code and seat."""
    key = tuple_(_O.work, _O.code, _O.seat)
    query = select(*(_O[name] for name in Outcome._fields)).where(_O.reassignment_id == run)
    if outcome is not None:
        query = query.where(_O.to_unit.is_not(None) if outcome == "moved" else _O.to_unit.is_(None))
    if after is not None:
        query = query.where(key > tuple_(*map(literal, after)))
    return [_outcome(row) for row in (await conn.execute(query.order_by(*key).limit(limit))).mappings()]


async def counts(conn: AsyncConnection, run: int) -> list[RowMapping]:
    """How many seats of each kind of work went from one unit to another, or wait, and why."""
    key = _O.work, _O.from_unit, _O.to_unit, _O.why
    query = select(*key, func.count().label("count")).where(_O.reassignment_id == run).group_by(*key).order_by(*key)
    return list((await conn.execute(query)).mappings())


async def nobodys(conn: AsyncConnection, work: Work, codes: Sequence[str]) -> set[tuple[str, str]]:
    """Code and seat of those works of which some run was told that nobody takes them."""
    query = select(_O.code, _O.seat).where(_O.why == Why.NOBODY.value, _O.work == work.value, _O.code.in_(codes))
    return {(row.code, row.seat) for row in await conn.execute(query)}


def _with_ended(kind: _Kind, work: Work, until: Until, now: datetime, from_unit: str | None) -> Select[Any]:
    columns: list[ColumnElement[Any]] = [kind.table.c.id, kind.table.c.code, kind.table.c.version]
    joined: Any = kind.table
    if kind.task is not None:
        joined = joined.join(tasks, kind.task == _T.code)
        columns += [_T.lead_unit.label("task_lead"), _T.plan, _T.source]
    elif work is Work.TASK:
        columns += [null().label("task_lead"), _T.plan, _T.source]
    else:
        columns += [null().label("task_lead"), null().label("plan"), literal("").label("source")]
    some: list[ColumnElement[bool]] = []
    for index, (seat, unit) in enumerate(kind.seats.items()):
        since = func.coalesce(_since(kind, seat, holds=index == 0), kind.begun)
        ended = _ended(until, seat)
        joined = joined.outerjoin(
            ended, and_(ended.c.code == unit, or_(ended.c.until.is_(None), since < ended.c.until))
        )
        some.append(ended.c.code.is_not(None) if from_unit is None else ended.c.code == from_unit)
        columns += [unit.label(seat.value), case((ended.c.code.is_not(None), since)).label(f"{seat.value}_since")]
    return select(*columns, kind.text.label("text")).select_from(joined).where(_is_open(work, now), or_(*some))


def _since(kind: _Kind, seat: Seat, *, holds: bool) -> Any:
    """When the unit took that seat: at the beginning, by succession, or as the work passed on to it."""
    h = kind.history.alias()
    took = [h.c.from_unit.is_(None), and_(h.c.action == REASSIGN, h.c.details.has_key(seat.value))]
    if holds:
        took.append(h.c.from_unit != h.c.unit)
    query = select(h.c["at"]).where(h.c[kind.of.name] == kind.table.c.id, or_(*took))
    return query.order_by(h.c.version.desc()).limit(1).scalar_subquery()


def _ended(until: Until, seat: Seat) -> Any:
    codes = literal(list(until), ARRAY(Text))
    instants = literal(list(until.values()), ARRAY(DateTime(timezone=True)))
    ended = func.unnest(codes, instants).table_valued(column("code", Text), column("until", DateTime(timezone=True)))
    return ended.render_derived(name=f"ended_{seat.value}")


def _is_open(work: Work, now: datetime) -> ColumnElement[bool]:
    if work is Work.TASK:
        # Written as in the partial index of open tasks, so that the planner uses it.
        return _T.status.not_in([literal_column("'completed'"), literal_column("'closed'")])
    if work is Work.CONSULTATION:
        # What lapsed is over, whether or not that is recorded yet.
        return and_(_C.status == ConsultationStatus.OPEN.value, _C.due_at > now)
    if work is Work.RECOMMENDATION:
        return _M.status != RecommendationStatus.DONE.value
    own_matter = func.coalesce(_S.return_reason == SubmissionReturnReason.OWN_COMPETENCE.value, False)
    return and_(_S.status != SubmissionStatus.APPROVED.value, ~own_matter)


def _item(work: Work, row: RowMapping) -> Item:
    seats = {
        seat: (row[seat.value], row[f"{seat.value}_since"])
        for seat in _KINDS[work].seats
        if row[f"{seat.value}_since"] is not None
    }
    return Item(
        work=work,
        id=row["id"],
        code=row["code"],
        version=row["version"],
        seats=seats,
        task_lead=row["task_lead"],
        plan=row["plan"],
        source=row["source"],
        text=row["text"],
    )


def _run(row: RowMapping | None) -> Run | None:
    return None if row is None else record(row, Run)


def _outcome(row: RowMapping) -> Outcome:
    return Outcome(
        work=Work(row["work"]),
        code=row["code"],
        seat=Seat(row["seat"]),
        from_unit=row["from_unit"],
        from_until=row["from_until"],
        to_unit=row["to_unit"],
        why=None if row["why"] is None else Why(row["why"]),
    )
