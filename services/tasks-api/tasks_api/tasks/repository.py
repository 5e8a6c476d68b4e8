"""Queries and writes of tasks: state, units with their roles, and history."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.wording import sought
from cchc_shared.service.backlog import Backlog
from cchc_shared.storage import search
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.records import record, records
from tasks_api.tasks import sql
from tasks_api.tasks.domain import Handover, Task, UnitRole
from tasks_api.tasks.models import task_history, task_parties, tasks
from tasks_api.tasks.schemas import TaskQuery
from tasks_api.tasks.transitions import TaskAction

COLUMNS = tuple(column for column in tasks.c if column.name not in {"words", "search"})
_STOOD = ("due_on", "completed_at", "late_from", "reported_at")
"""What history keeps of a task beside its status and unit."""
_TEXTS = tasks.c.code, tasks.c.title, tasks.c.product, tasks.c.source


async def new_ids(conn: AsyncConnection, count: int) -> list[int]:
    """Ids for tasks that are about to be inserted."""
    sequence = func.pg_get_serial_sequence(tasks.name, tasks.c.id.name)
    query = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
    return list((await conn.execute(query)).scalars())


async def insert_tasks(conn: AsyncConnection, new: Sequence[Task]) -> None:
    """Their ids come from `new_ids`, because codes are made of them."""
    await conn.execute(insert(tasks), [_values(task) for task in new])


async def update_task(conn: AsyncConnection, task: Task) -> None:
    await conn.execute(update(tasks).where(tasks.c.id == task.id).values(_values(task)))


async def insert_history(conn: AsyncConnection, changed: Iterable[tuple[Task, HistoryEntry, str | None]]) -> None:
    """Add one row for each task, as it is after the change; `missed_by` says whose duty the change ended unmet."""
    rows = [
        {name: getattr(task, name) for name in _STOOD} | {"task_id": task.id, "missed_by": missed} | entry.values()
        for task, entry, missed in changed
    ]
    await conn.execute(insert(task_history), rows)


async def add_roles(conn: AsyncConnection, found: Mapping[int, Mapping[str, Collection[UnitRole]]]) -> None:
    """Units by task, with their roles, added to those they have already."""
    rows = [
        {"task_id": task_id, "unit": unit, "roles": [role.value for role in roles]}
        for task_id, units in found.items()
        for unit, roles in units.items()
    ]
    statement = upsert(task_parties).on_conflict_do_update(
        index_elements=["unit", "task_id"], set_={"roles": sql.BOTH_ROLES}
    )
    await conn.execute(statement, rows)


async def change_lead(conn: AsyncConnection, task_id: int, former: str, to: str) -> None:
    """The former lead may still read the task; the new one leads it."""
    await conn.execute(
        update(task_parties)
        .where(task_parties.c.task_id == task_id, task_parties.c.unit == former)
        .values(roles=func.array_remove(task_parties.c.roles, UnitRole.LEAD.value))
    )
    await add_roles(conn, {task_id: {former: [UnitRole.FORMER_LEAD], to: [UnitRole.LEAD]}})


async def get(conn: AsyncConnection, code: str, *, reader: str | None = None, lock: bool = False) -> Task | None:
    """The task, if there is one that this unit may read."""
    query = select(*COLUMNS).where(tasks.c.code == code)
    if reader is not None:
        # What an older process assigned has no row for the unit that assigned it.
        query = query.where(or_(_is_party(reader), tasks.c.assigning_unit == reader))
    if lock:
        query = query.with_for_update(key_share=True)  # rows of other features may point to it meanwhile
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Task)


async def page(
    conn: AsyncConnection, wanted: TaskQuery, *, reader: str | None, now: datetime, before: int | None
) -> list[Task]:
    """Tasks that this unit may read (None: all), newest first, beginning before an id; one more than the page holds."""
    query = _narrowed(select(*COLUMNS), wanted, reader, now, before).limit(wanted.limit + 1)
    return records(await conn.execute(query), Task)


async def children_of(conn: AsyncConnection, codes: Collection[str]) -> dict[str, list[str]]:
    """Codes of the children of each of these tasks."""
    query = select(tasks.c.parent, tasks.c.code).where(tasks.c.parent.in_(codes)).order_by(tasks.c.id)
    found: dict[str, list[str]] = {}
    for parent, code in await conn.execute(query):
        found.setdefault(parent, []).append(code)
    return found


async def states_of_children(conn: AsyncConnection, parent: str) -> list[tuple[TaskStatus, datetime | None]]:
    """Status and completion of each child."""
    query = select(tasks.c.status, tasks.c.completed_at).where(tasks.c.parent == parent)
    return [(TaskStatus(status), completed_at) for status, completed_at in await conn.execute(query)]


async def lock_open_below(conn: AsyncConnection, code: str) -> list[Task]:
    """The open tasks below this one at any depth, locked, the lowest first: as their own actions lock them."""
    below = (
        select(tasks.c.id, tasks.c.code, literal_column("1").label("depth"))
        .where(tasks.c.parent == code)
        .cte("below", recursive=True)
    )
    child = tasks.alias()
    below = below.union_all(select(child.c.id, child.c.code, below.c.depth + 1).where(child.c.parent == below.c.code))
    query = (
        select(*COLUMNS)
        .join(below, below.c.id == tasks.c.id)
        .where(_is_open())
        .order_by(below.c.depth.desc(), tasks.c.id)
        .with_for_update(key_share=True, of=tasks)
    )
    return records(await conn.execute(query), Task)


async def open_children(conn: AsyncConnection, code: str) -> list[str]:
    """Codes of children that have not ended; of many, some."""
    query = select(tasks.c.code).where(tasks.c.parent == code, _is_open()).order_by(tasks.c.id).limit(20)
    return list((await conn.execute(query)).scalars())


async def handover(conn: AsyncConnection, task: Task, version: int) -> Handover | None:
    """The hand-over that made this version; None if no unit handed the task over of its own accord then."""
    h = task_history.c
    query = select(h.from_unit, h.at).where(
        h.task_id == task.id,
        h.version == version,
        h.action.in_([TaskAction.RETURN.value, TaskAction.TRANSFER.value]),
        h.details["by_office"].is_(None),
    )
    row = (await conn.execute(query)).first()
    if row is None:
        return None
    judgements = select(func.max(h.version)).where(
        h.task_id == task.id,
        h.action == TaskAction.MARK_UNJUSTIFIED.value,
        h.details["handover"].as_string().cast(Integer) == version,
    )
    judged = version in task.unjustified
    return Handover(version, row.from_unit, row.at, await conn.scalar(judgements) if judged else None)


async def history_of(conn: AsyncConnection, task_id: int) -> Sequence[Row[Any]]:
    query = select(task_history).where(task_history.c.task_id == task_id).order_by(task_history.c.version)
    return (await conn.execute(query)).all()


async def last_states(conn: AsyncConnection, plan: str, before: datetime) -> Sequence[Row[Any]]:
    """For each task of the plan its last change before an instant, and how many duties were missed on the way to it."""
    query = (
        select(
            tasks.c.parent.is_not(None).label("is_child"),
            task_history.c.status,
            task_history.c.due_on,
            task_history.c.completed_at,
            task_history.c.late_from,
            task_history.c.reported_at,
            func.count(task_history.c.missed_by).over(partition_by=tasks.c.id).label("missed"),
        )
        .ext(distinct_on(tasks.c.id))
        .join_from(tasks, task_history, task_history.c.task_id == tasks.c.id)
        .where(tasks.c.plan == plan, task_history.c["at"] < before)
        .order_by(tasks.c.id, task_history.c.version.desc())
    )
    return (await conn.execute(query)).all()


def _narrowed(
    query: Select[Any], wanted: TaskQuery, reader: str | None, now: datetime, before: int | None
) -> Select[Any]:
    key: ColumnElement[int] = tasks.c.id
    along = wanted.unit or reader
    if along is not None:
        # The page of a unit is read from the primary key of task_parties (unit, task_id), so that column is its key.
        key = task_parties.c.task_id
        query = query.join(task_parties, task_parties.c.task_id == tasks.c.id).where(task_parties.c.unit == along)
    if before is not None:
        query = query.where(key < before)
    if reader is not None and reader != along:
        query = query.where(_is_party(reader))
    return query.where(*_conditions(wanted, now)).order_by(key.desc())


def _conditions(wanted: TaskQuery, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.role:
        yield task_parties.c.roles.contains([wanted.role.value])
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
        yield search.found(sought(wanted.q), tasks.c.search, _TEXTS)


async def make_words(conn: AsyncConnection, limit: int) -> int:
    """Give words to tasks that have none yet; returns to how many."""
    return await search.make_words(conn, tasks.c.id, tasks.c.search, _TEXTS, limit)


async def count_open(conn: AsyncConnection, now: datetime) -> Backlog:
    """One query over the partial index of open tasks."""
    statement = select(func.count(), func.count().filter(_is_overdue(now))).where(_is_open())
    return Backlog(*(await conn.execute(statement)).one())


def _is_open() -> ColumnElement[bool]:
    """The condition is written exactly as in the partial index of open tasks, so that the planner uses it."""
    return tasks.c.status.not_in([literal_column("'completed'"), literal_column("'closed'")])


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    late_at = func.coalesce(tasks.c.late_from, tasks.c.due_at)
    in_time = func.coalesce(tasks.c.reported_at < late_at, false())
    return and_(_is_open(), func.coalesce(late_at <= now, false()), ~in_time)


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
        "unjustified": list(task.unjustified),
        "search": search.words_of(task.code, task.title, task.product, task.source),
    }
