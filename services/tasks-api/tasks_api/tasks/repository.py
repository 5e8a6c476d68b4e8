"""SQL of tasks: state, parties and history."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    and_,
    false,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.storage.records import record
from tasks_api.tasks.domain import PartyRole, Task
from tasks_api.tasks.models import task_history, task_parties, tasks

COLUMNS = tuple(column for column in tasks.c if column.name != "words")


class Entry(NamedTuple):
    """One line of a task's history, to be written with the state it tells of."""

    task: Task
    event: str
    occurred_at: datetime
    recorded_at: datetime
    actor: str
    details: Mapping[str, Any]


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list of tasks is narrowed to. `reader` is the unit whose tasks the caller may see, None for all."""

    reader: str | None = None
    unit: str | None = None
    role: PartyRole | None = None
    status: TaskStatus | None = None
    plan: str | None = None
    due_from: date | None = None
    due_to: date | None = None
    overdue: bool | None = None
    q: str | None = None


async def new_ids(conn: AsyncConnection, count: int) -> list[int]:
    """Ids for tasks that are about to be inserted."""
    query = text("SELECT nextval(pg_get_serial_sequence('tasks', 'id')) FROM generate_series(1, :count)")
    return list((await conn.execute(query, {"count": count})).scalars())


async def insert_tasks(conn: AsyncConnection, new: Sequence[Task]) -> None:
    # The ids were taken from the sequence beforehand: codes are made of them.
    await conn.execute(insert(tasks), [_values(task) for task in new])


async def update_task(conn: AsyncConnection, task: Task) -> None:
    await conn.execute(update(tasks).where(tasks.c.id == task.id).values(_values(task)))


async def insert_history(conn: AsyncConnection, entries: Sequence[Entry]) -> None:
    await conn.execute(
        insert(task_history),
        [
            {
                "task_id": entry.task.id,
                "version": entry.task.version,
                "event": entry.event,
                "occurred_at": entry.occurred_at,
                "recorded_at": entry.recorded_at,
                "actor": entry.actor,
                "status": entry.task.status.value,
                "lead_unit": entry.task.lead_unit,
                "due_on": entry.task.due_on,
                "completed_at": entry.task.completed_at,
                "details": dict(entry.details),
            }
            for entry in entries
        ],
    )


async def add_parties(conn: AsyncConnection, parties: Mapping[int, Mapping[str, Collection[PartyRole]]]) -> None:
    """Units by task, with what each is to it, added to what it is already."""
    rows = [
        {"task_id": task_id, "unit": unit, "roles": [role.value for role in roles]}
        for task_id, units in parties.items()
        for unit, roles in units.items()
    ]
    both = text("ARRAY(SELECT DISTINCT unnest(task_parties.roles || excluded.roles))")
    statement = upsert(task_parties).on_conflict_do_update(index_elements=["unit", "task_id"], set_={"roles": both})
    await conn.execute(statement, rows)


async def change_lead(conn: AsyncConnection, task_id: int, former: str, to: str) -> None:
    """The former lead keeps reading; the new one leads."""
    await conn.execute(
        update(task_parties)
        .where(task_parties.c.task_id == task_id, task_parties.c.unit == former)
        .values(roles=func.array_remove(task_parties.c.roles, PartyRole.LEAD.value))
    )
    await add_parties(conn, {task_id: {former: [PartyRole.FORMER_LEAD], to: [PartyRole.LEAD]}})


async def get(conn: AsyncConnection, code: str, *, reader: str | None = None, lock: bool = False) -> Task | None:
    """The task, if there is one that this unit may read."""
    query = select(*COLUMNS).where(tasks.c.code == code)
    if reader is not None:
        query = query.where(_is_party(reader))
    if lock:
        query = query.with_for_update()
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Task)


async def page(conn: AsyncConnection, wanted: Filter, *, now: datetime, before: int | None, limit: int) -> list[Task]:
    """Tasks newest first, beginning before an id."""
    query = _narrowed(select(*COLUMNS), wanted, now, before).limit(limit)
    return [record(row, Task) for row in (await conn.execute(query)).mappings()]


async def children_of(conn: AsyncConnection, codes: Collection[str]) -> dict[str, list[str]]:
    """Codes of the children of each of these tasks."""
    query = select(tasks.c.parent, tasks.c.code).where(tasks.c.parent.in_(codes)).order_by(tasks.c.id)
    found: dict[str, list[str]] = {}
    for parent, code in await conn.execute(query):
        found.setdefault(parent, []).append(code)
    return found


async def standing_of_children(conn: AsyncConnection, parent: str) -> list[tuple[TaskStatus, datetime | None]]:
    query = select(tasks.c.status, tasks.c.completed_at).where(tasks.c.parent == parent)
    return [(TaskStatus(status), completed_at) for status, completed_at in await conn.execute(query)]


async def history_of(conn: AsyncConnection, task_id: int) -> Sequence[Row[Any]]:
    query = select(task_history).where(task_history.c.task_id == task_id).order_by(task_history.c.version)
    return (await conn.execute(query)).all()


async def standings(conn: AsyncConnection, plan: str, before: datetime) -> Sequence[Row[Any]]:
    """For each task of the plan its last change before an instant: is_child, status, due_on, completed_at."""
    query = (
        select(
            tasks.c.parent.is_not(None).label("is_child"),
            task_history.c.status,
            task_history.c.due_on,
            task_history.c.completed_at,
        )
        .ext(distinct_on(tasks.c.id))
        .join_from(tasks, task_history, task_history.c.task_id == tasks.c.id)
        .where(tasks.c.plan == plan, task_history.c.occurred_at < before)
        .order_by(tasks.c.id, task_history.c.version.desc())
    )
    return (await conn.execute(query)).all()


def _narrowed(query: Select[Any], wanted: Filter, now: datetime, before: int | None) -> Select[Any]:
    key: ColumnElement[int] = tasks.c.id
    along = wanted.unit or wanted.reader
    if along is not None:
        # A unit's tasks are read along its parties, in the order of their key: so the key of the page stands there too.
        key = task_parties.c.task_id
        query = query.join(task_parties, task_parties.c.task_id == tasks.c.id).where(task_parties.c.unit == along)
    if before is not None:
        query = query.where(key < before)
    return query.where(*_conditions(wanted, along, now)).order_by(key.desc())


def _conditions(wanted: Filter, along: str | None, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.role:
        yield task_parties.c.roles.contains([wanted.role.value])
    if wanted.reader is not None and wanted.reader != along:
        yield _is_party(wanted.reader)
    if wanted.status:
        yield tasks.c.status == wanted.status.value
    if wanted.plan:
        yield tasks.c.plan == wanted.plan
    if wanted.due_from:
        yield tasks.c.due_on >= wanted.due_from
    if wanted.due_to:
        yield tasks.c.due_on <= wanted.due_to
    if wanted.overdue is not None:
        yield _is_overdue(now) if wanted.overdue else ~_is_overdue(now)
    if wanted.q:
        yield tasks.c.words.op("@@")(func.plainto_tsquery("simple", wanted.q))


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    """The condition is worded as in the index of open tasks."""
    still_open = tasks.c.status.not_in([literal_column("'completed'"), literal_column("'closed'")])
    return and_(still_open, func.coalesce(tasks.c.due_at <= now, false()))


def _is_party(unit: str) -> ColumnElement[bool]:
    other = task_parties.alias()
    return select(other.c.unit).where(other.c.unit == unit, other.c.task_id == tasks.c.id).exists()


def _values(task: Task) -> dict[str, Any]:
    values = msgspec.structs.asdict(task)
    return values | {
        "status": task.status.value,
        "urgency": task.urgency.value,
        "coordinating_units": list(task.coordinating_units),
        "former_leads": list(task.former_leads),
    }
