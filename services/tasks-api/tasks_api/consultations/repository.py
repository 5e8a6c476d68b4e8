"""Queries and writes of consultations, their history and their notices."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    true,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import ConsultationStatus
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.records import record, records
from tasks_api.consultations.domain import Consultation
from tasks_api.consultations.models import consultation_history, consultation_notices, consultations
from tasks_api.consultations.notice import Notice
from tasks_api.consultations.schemas import ConsultationQuery, StatisticsQuery

_C: Final = consultations.c
_S: Final = ConsultationStatus
# Written exactly as in the partial index of open consultations, so that the planner uses it.
_OPEN: Final = _C.status == literal_column("'open'")
_CHANGES: Final = (
    "asker", "unit", "due_at", "status", "answer", "late_answer", "late_answered_at", "return_reason", "ended_at",
    "version",
)  # fmt: skip


async def new_ids(conn: AsyncConnection, count: int) -> list[int]:
    """Ids for consultations that are about to be inserted."""
    sequence = func.pg_get_serial_sequence(consultations.name, _C.id.name)
    query = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
    return list((await conn.execute(query)).scalars())


async def add(conn: AsyncConnection, new: Sequence[Consultation]) -> None:
    """Their ids come from `new_ids`, because codes are made of them."""
    await conn.execute(insert(consultations), [_values(each) for each in new])


async def store(conn: AsyncConnection, changed: Sequence[Consultation]) -> None:
    """What actions and deadlines change of these locked consultations."""
    statement = update(consultations).where(_C.id == bindparam("of"))
    rows = [_values(each) for each in changed]
    await conn.execute(
        statement.values({name: bindparam(f"new_{name}", type_=_C[name].type) for name in _CHANGES}),
        [{"of": row["id"]} | {f"new_{name}": row[name] for name in _CHANGES} for row in rows],
    )


async def add_history(conn: AsyncConnection, rows: Iterable[tuple[Consultation, HistoryEntry]]) -> None:
    """Add one row for each consultation, as it is after the change."""
    values = [{"consultation_id": asked.id} | entry.values() for asked, entry in rows]
    await conn.execute(insert(consultation_history), values)


async def add_notices(
    conn: AsyncConnection, issued: Sequence[tuple[Consultation, Notice]], recorded_at: datetime
) -> None:
    """Store notices as of their deadlines. A second one for the same consultation is refused by the database."""
    rows = [
        {"consultation_id": asked.id, "issued_at": asked.due_at, "recorded_at": recorded_at}
        | msgspec.structs.asdict(notice)
        for asked, notice in issued
    ]
    await conn.execute(insert(consultation_notices), rows)


async def notice_of(conn: AsyncConnection, id_: int) -> Notice | None:
    columns = consultation_notices.c
    query = select(columns.number, columns.text, columns.html).where(columns.consultation_id == id_)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Notice)


async def get(conn: AsyncConnection, code: str, reader: str | None, *, lock: bool = False) -> Consultation | None:
    """The consultation, if there is one that this unit may read (None: any)."""
    query = select(consultations).where(_C.code == code, *_readable(reader))
    if lock:
        query = query.with_for_update(key_share=True)
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Consultation)


async def of_task(conn: AsyncConnection, task: str) -> Sequence[Consultation]:
    """All consultations of a task, oldest first."""
    query = select(consultations).where(_C.task == task).order_by(_C.id)
    return records(await conn.execute(query), Consultation)


async def lock_due(conn: AsyncConnection, now: datetime, limit: int) -> Sequence[Consultation]:
    """Open ones whose deadline passed and that nobody is working on at this moment, the longest due first."""
    query = select(consultations).where(_OPEN, _C.due_at <= now).order_by(_C.due_at, _C.id).limit(limit)
    return records(await conn.execute(query.with_for_update(key_share=True, skip_locked=True)), Consultation)


async def history_of(conn: AsyncConnection, id_: int) -> Sequence[Row[Any]]:
    columns = consultation_history.c
    query = select(consultation_history).where(columns.consultation_id == id_).order_by(columns.version)
    return (await conn.execute(query)).all()


async def page(
    conn: AsyncConnection, wanted: ConsultationQuery, *, reader: str | None, now: datetime, before: int | None
) -> Sequence[Consultation]:
    """Consultations that this unit may read (None: all), newest first; one more than the page holds.

    What a unit asks and what it is asked are read along an index each, so that a page costs the same at any depth.
    """
    conditions = [*_wanted(wanted, now), *([] if before is None else [_C.id < before])]
    sides = [true()] if reader is None else [_C.unit == reader, _C.asker == reader]
    ids = [
        select(_C.id).where(side, *conditions).order_by(_C.id.desc()).limit(wanted.limit + 1).subquery().select()
        for side in sides
    ]
    query = select(consultations).where(_C.id.in_(union_all(*ids))).order_by(_C.id.desc()).limit(wanted.limit + 1)
    return records(await conn.execute(query), Consultation)


async def statistics(
    conn: AsyncConnection,
    wanted: StatisticsQuery,
    *,
    reader: str | None,
    since: datetime,
    until: datetime,
    timezone: str,
    after: tuple[str, str, str] | None,
) -> Sequence[Row[Any]]:
    """Counts by month of the question, asker and unit, of those asked from `since`, as they stood just before `until`.

    They follow from instants alone, so that the same day always gives the same answer.
    """
    month = func.to_char(func.timezone(timezone, _C.asked_at), "YYYY-MM").label("month")
    rows = select(consultations, month).where(*_readable(reader), _C.asked_at >= since, _C.asked_at < until)
    if wanted.asker is not None:
        rows = rows.where(_C.asker == wanted.asker)
    if wanted.unit is not None:
        rows = rows.where(_C.unit == wanted.unit)
    of = rows.subquery().c
    ended = of.ended_at < until
    lapsed = and_(of.due_at < until, of.status.in_([_S.OPEN, _S.DEEMED_AGREED, _S.SILENT]))
    late = func.coalesce(of.late_answered_at < until, false())

    def count(condition: ColumnElement[bool], name: str) -> ColumnElement[int]:
        return func.count().filter(condition).label(name)

    counted = (
        select(
            of.month,
            of.asker,
            of.unit,
            func.count().label("asked"),
            count(and_(ended, of.status == _S.ANSWERED), "answered"),
            count(and_(ended, of.status == _S.RETURNED), "returned"),
            count(and_(ended, of.status == _S.WITHDRAWN), "withdrawn"),
            count(and_(lapsed, late), "late"),
            count(and_(lapsed, ~late), "silent"),
        )
        .group_by(of.month, of.asker, of.unit)
        .subquery()
    )
    key = counted.c.month, counted.c.asker, counted.c.unit
    query = select(counted).order_by(*key).limit(wanted.limit + 1)
    if after is not None:
        query = query.where(_later(key, after))
    return (await conn.execute(query)).all()


def _values(asked: Consultation) -> dict[str, Any]:
    values = msgspec.structs.asdict(asked)
    return values | {
        "main_contents": list(asked.main_contents),
        "answer": msgspec.to_builtins(asked.answer),
        "late_answer": msgspec.to_builtins(asked.late_answer),
    }


def _later(key: Sequence[ColumnElement[str]], after: Sequence[str]) -> ColumnElement[bool]:
    """Rows that follow one of this key."""
    month, asker, unit = (column > value for column, value in zip(key, after, strict=True))
    same_month, same_asker = key[0] == after[0], key[1] == after[1]
    return or_(month, and_(same_month, asker), and_(same_month, same_asker, unit))


def _readable(reader: str | None) -> Iterator[ColumnElement[bool]]:
    if reader is not None:
        yield or_(_C.unit == reader, _C.asker == reader)


def _wanted(wanted: ConsultationQuery, now: datetime) -> Iterator[ColumnElement[bool]]:
    """The conditions of a query. What a status says follows from the time, whatever was recorded of it yet."""
    for name in ("unit", "asker", "task", "kind"):
        value = getattr(wanted, name)
        if value is not None:
            yield _C[name] == value
    lapsed = and_(_OPEN, _C.due_at <= now)
    if wanted.status is _S.OPEN:
        yield and_(_OPEN, _C.due_at > now)
    elif wanted.status is _S.DEEMED_AGREED:
        yield or_(_C.status == wanted.status, and_(lapsed, _C.deemed_consent))
    elif wanted.status is _S.SILENT:
        yield or_(_C.status == wanted.status, and_(lapsed, ~_C.deemed_consent))
    elif wanted.status is not None:
        yield _C.status == wanted.status
    if wanted.overdue is not None:
        silent = _C.status.in_([_S.DEEMED_AGREED, _S.SILENT])
        overdue = or_(lapsed, and_(silent, _C.late_answered_at.is_(None)))
        yield overdue if wanted.overdue else ~overdue
