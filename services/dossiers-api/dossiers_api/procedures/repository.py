"""Decisions, procedures and processes in the database."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Row,
    Text,
    and_,
    any_,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_new
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import ProcedureChange
from cchc_shared.storage.records import record, records
from dossiers_api.procedures.domain import Entry, Process
from dossiers_api.procedures.models import decision, entry, process

_C: Final = entry.c
_LATER: Final = entry.alias("later")


async def one_at_a_time(conn: AsyncConnection) -> None:
    """Decisions are recorded one after another: what one says is checked against what others said."""
    await conn.execute(select(func.pg_advisory_xact_lock(func.hashtext("procedure decisions"))))


async def add(conn: AsyncConnection, number: str, **fields: Any) -> bool:
    """Store a decision. False if there is one with that number."""
    stored = await conn.execute(insert_new(decision).values(number=number, **fields).on_conflict_do_nothing())
    return bool(stored.rowcount)


async def add_entries(conn: AsyncConnection, entries: Sequence[Entry], processes: Sequence[Process]) -> None:
    """Store what a decision says."""
    if entries:
        await conn.execute(insert(entry), [msgspec.structs.asdict(each) for each in entries])
    if processes:
        rows = [msgspec.structs.asdict(each) | {"steps": msgspec.to_builtins(each.steps)} for each in processes]
        await conn.execute(insert(process), rows)


async def entries_of(conn: AsyncConnection, codes: Collection[str]) -> Mapping[str, Sequence[Entry]]:
    """All that decisions said of these procedures, the oldest first."""
    query = select(entry).where(_any(_C.procedure, codes)).order_by(_C.effective_on, _C.number)
    return _by_procedure(records(await conn.execute(query), Entry))


async def processes_of(conn: AsyncConnection, codes: Collection[str]) -> Mapping[str, Sequence[Process]]:
    """All processes of these procedures, the oldest first."""
    c = process.c
    query = select(process).where(_any(c.procedure, codes)).order_by(c.effective_on, c.number)
    return _by_procedure(records(await conn.execute(query), Process))


async def lock_newest(conn: AsyncConnection, code: str, effective_on: date) -> Entry | None:
    """The newest entry of that procedure and day, locked."""
    query = select(entry).where(_C.procedure == code, _C.effective_on == effective_on).order_by(_C.number.desc())
    row = (await conn.execute(query.limit(1).with_for_update())).mappings().first()
    return None if row is None else record(row, Entry)


async def save(conn: AsyncConnection, changed: Entry) -> None:
    """Store the disclosure of an entry that is locked."""
    found = [_C.procedure == changed.procedure, _C.effective_on == changed.effective_on, _C.number == changed.number]
    values = {name: getattr(changed, name) for name in ("version", "disclosed_at", "complete_at")}
    await conn.execute(update(entry).where(*found).values(**values))


async def decisions(
    conn: AsyncConnection, number: str | None, after: tuple[date, str] | None, limit: int
) -> Sequence[Row[Any]]:
    """Decisions with how much each says, the newest first."""
    c = decision.c
    query = (
        select(
            decision,
            _said(_C.change == ProcedureChange.PUBLISHED).label("published"),
            _said(_C.change == ProcedureChange.ABOLISHED).label("abolished"),
            select(func.count()).where(process.c.decision == c.number).scalar_subquery().label("processes"),
        )
        .order_by(c.issued_on.desc(), c.number.desc())
        .limit(limit)
    )
    if number is not None:
        query = query.where(c.number == number)
    if after is not None:
        day, last = after
        query = query.where(or_(c.issued_on < day, and_(c.issued_on == day, c.number < last)))
    return (await conn.execute(query)).all()


async def page(
    conn: AsyncConnection, day: date, change: str, wanted: Mapping[str, str | None], after: str | None, limit: int
) -> Sequence[Entry]:
    """What holds of procedures on a day, by their codes."""
    query = _holding(select(entry), day, wanted).where(_C.change == change).order_by(_C.procedure).limit(limit)
    if after is not None:
        query = query.where(_C.procedure > after)
    return records(await conn.execute(query), Entry)


async def standing(conn: AsyncConnection, day: date, wanted: Mapping[str, str | None]) -> tuple[int, int]:
    """How many procedures are in force on a day, and how many of them have a process."""
    has_process = exists().where(process.c.procedure == _C.procedure, process.c.effective_on <= day)
    counted = select(func.count(), func.count(case((has_process, 1)))).select_from(entry)
    query = _holding(counted, day, wanted).where(_C.change == ProcedureChange.PUBLISHED)
    in_force, with_process = (await conn.execute(query)).one()
    return in_force, with_process


async def said_between(
    conn: AsyncConnection, first: date | None, last: date, wanted: Mapping[str, str | None]
) -> Sequence[Entry]:
    """What the decisions of these days say."""
    query = select(entry).where(_C.issued_on <= last, *_filters(wanted))
    if first is not None:
        query = query.where(_C.issued_on >= first)
    return records(await conn.execute(query), Entry)


def _said(what: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.count()).where(_C.decision == decision.c.number, what).scalar_subquery()


def _holding(query: Any, day: date, wanted: Mapping[str, str | None]) -> Any:
    """Only entries that hold on that day: of each procedure the last one with effect by then."""
    later = and_(
        _LATER.c.procedure == _C.procedure,
        _LATER.c.effective_on <= day,
        or_(
            _LATER.c.effective_on > _C.effective_on,
            and_(_LATER.c.effective_on == _C.effective_on, _LATER.c.number > _C.number),
        ),
    )
    return query.where(_C.effective_on <= day, ~exists().where(later), *_filters(wanted))


def _filters(wanted: Mapping[str, str | None]) -> list[ColumnElement[bool]]:
    found = [_C[name] == value for name, value in wanted.items() if value is not None and name != "level"]
    level = wanted.get("level")
    return found if level is None else [*found, _C.levels.contains([level])]


def _any(column: ColumnElement[str], codes: Collection[str]) -> ColumnElement[bool]:
    return column == any_(literal(list(codes), ARRAY(Text)))


def _by_procedure(found: Sequence[Any]) -> Mapping[str, Sequence[Any]]:
    grouped: dict[str, list[Any]] = defaultdict(list)
    for each in found:
        grouped[each.procedure].append(each)
    return grouped
