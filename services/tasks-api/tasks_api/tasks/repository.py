"""Queries and writes of tasks: state, units with their roles, and history."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, cast

import msgspec
from sqlalchemy import (
    ColumnElement,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    delete,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.service.backlog import Backlog
from cchc_shared.storage import search
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.records import record, records
from tasks_api.tasks import sql
from tasks_api.tasks.domain import Handover, Occurrence, Task, UnitRole
from tasks_api.tasks.models import task_history, task_parties, task_rhythms, tasks
from tasks_api.tasks.transitions import TaskAction

COLUMNS = tuple(column for column in tasks.c if column.name not in {"words", "search", "changed_in"})
_STOOD = ("due_on", "completed_at", "late_from", "reported_at")
"""What history keeps of a task beside its status and unit."""
TEXTS = tasks.c.code, tasks.c.title, tasks.c.product, tasks.c.source


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
        (unit, task_id, " ".join(role.value for role in roles))
        for task_id, units in found.items()
        for unit, roles in units.items()
    ]
    if rows:
        units, tasks_, roles = map(list, zip(*rows, strict=True))
        await conn.execute(sql.ADD_ROLES, {"units": units, "tasks": tasks_, "roles": roles})


async def add_rhythms(conn: AsyncConnection, first: Sequence[tuple[Task, Occurrence]]) -> None:
    """Which occurrence of each rhythm of a task is assigned next."""
    rows = [
        {"task_id": task.id, "number": each.number, "next_on": each.due_on, "create_at": each.begins_at}
        for task, each in first
    ]
    if rows:
        await conn.execute(insert(task_rhythms), rows)


async def drop_rhythms(conn: AsyncConnection, task: Task) -> None:
    """No further occurrences."""
    await conn.execute(delete(task_rhythms).where(task_rhythms.c.task_id == task.id))


async def existing(conn: AsyncConnection, codes: Collection[str]) -> set[str]:
    """Those of the codes that are codes of tasks."""
    return set(await conn.scalars(select(tasks.c.code).where(tasks.c.code.in_(codes))))


async def recurs_on(conn: AsyncConnection, task: Task) -> bool:
    """Whether occurrences of the task are still to be assigned."""
    query = select(task_rhythms.c.number).where(task_rhythms.c.task_id == task.id).limit(1)
    return (await conn.execute(query)).first() is not None


async def change_lead(conn: AsyncConnection, task_id: int, former: str, to: str) -> None:
    """The former lead may still read the task; the new one leads it."""
    await conn.execute(
        update(task_parties)
        .where(task_parties.c.task_id == task_id, task_parties.c.unit == former)
        .values(roles=func.array_remove(task_parties.c.roles, UnitRole.LEAD.value))
    )
    await add_roles(conn, {task_id: {former: [UnitRole.FORMER_LEAD], to: [UnitRole.LEAD]}})


async def set_coordinating(conn: AsyncConnection, task_id: int, units: Collection[str]) -> None:
    """These units help from now on, and no others; what else a unit is to the task, it stays."""
    p = task_parties.c
    role = UnitRole.COORDINATING.value
    fewer = func.array_remove(p.roles, role)
    await conn.execute(update(task_parties).where(p.task_id == task_id, p.roles.contains([role])).values(roles=fewer))
    await conn.execute(delete(task_parties).where(p.task_id == task_id, func.cardinality(p.roles) == 0))
    if units:
        await add_roles(conn, {task_id: {unit: [UnitRole.COORDINATING] for unit in units}})


async def get(conn: AsyncConnection, code: str, *, reader: str | None = None, lock: bool = False) -> Task | None:
    """The task, if there is one that this unit may read."""
    query = select(*COLUMNS).where(tasks.c.code == code)
    if reader is not None:
        # What an older process assigned has no row for the unit that assigned it.
        query = query.where(or_(is_party(reader), tasks.c.assigning_unit == reader))
    if lock:
        query = query.with_for_update(key_share=True)  # rows of other features may point to it meanwhile
    row = (await conn.execute(query)).mappings().first()
    return None if row is None else record(row, Task)


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
    return records(await conn.execute(_open_below(), {"above": code}), Task)


@cache
def _open_below() -> Select[Any]:
    """Built once: it has all columns twice, and every action of a task asks it."""
    below = (
        select(tasks.c.id, tasks.c.code, literal_column("1").label("depth"))
        .where(tasks.c.parent == bindparam("above"))
        .cte("below", recursive=True)
    )
    child = tasks.alias()
    below = below.union_all(select(child.c.id, child.c.code, below.c.depth + 1).where(child.c.parent == below.c.code))
    return (
        select(*COLUMNS)
        .join(below, below.c.id == tasks.c.id)
        .where(is_open())
        .order_by(below.c.depth.desc(), tasks.c.id)
        .with_for_update(key_share=True, of=tasks)
    )


async def parts_of(conn: AsyncConnection, plan: str, number: int) -> int:
    """How many tasks a row of the plan became so far, those that were closed since included."""
    query = select(func.count()).where(tasks.c.plan == plan, tasks.c.number == number, tasks.c.parent.is_(None))
    return int(await conn.scalar(query) or 0)


async def lock_plan(conn: AsyncConnection, plan: str) -> list[Task]:
    """All tasks of a plan, locked, children before their parents: as their own actions lock them."""
    query = select(*COLUMNS).where(tasks.c.plan == plan).order_by(tasks.c.id.desc()).with_for_update(key_share=True)
    return records(await conn.execute(query), Task)


async def open_children(conn: AsyncConnection, code: str) -> list[str]:
    """Codes of children that have not ended; of many, some."""
    query = select(tasks.c.code).where(tasks.c.parent == code, is_open()).order_by(tasks.c.id).limit(20)
    return list((await conn.execute(query)).scalars())


async def latest_below(conn: AsyncConnection, task: Task) -> date | None:
    """The last day of the open children whose day is another than that of the task."""
    query = select(func.max(tasks.c.due_on)).where(
        tasks.c.parent == task.code, is_open(), tasks.c.due_on.is_distinct_from(task.due_on)
    )
    return cast(date | None, await conn.scalar(query))


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


async def urged_since(conn: AsyncConnection, ids: Collection[int], by_unit: str, since: datetime) -> dict[int, int]:
    """How often each of these tasks was urged by that unit from an instant on; without those that were not."""
    h = task_history.c
    query = (
        select(h.task_id, func.count().label("times"))
        .where(
            h.task_id.in_(ids),
            h.action == TaskAction.URGE.value,
            h["at"] >= since,
            h.details["by_unit"].as_string() == by_unit,
        )
        .group_by(h.task_id)
    )
    return {row.task_id: row.times for row in await conn.execute(query)}


async def count_urging(conn: AsyncConnection, ids: Collection[int], at: datetime) -> None:
    """One more for each of these locked tasks, and a version more."""
    t = tasks.c
    values = {"urgings": t.urgings + 1, "urged_at": at, "version": t.version + 1}
    await conn.execute(update(tasks).where(t.id.in_(ids)).values(values))


async def history_of(conn: AsyncConnection, task_id: int) -> Sequence[Row[Any]]:
    query = select(task_history).where(task_history.c.task_id == task_id).order_by(task_history.c.version)
    return (await conn.execute(query)).all()


async def last_states(conn: AsyncConnection, plans: Collection[str], before: datetime) -> Sequence[Row[Any]]:
    """For each task of these plans its last change before an instant, and how many duties were missed until then."""
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
        .where(tasks.c.plan.in_(plans), task_history.c["at"] < before)
        .order_by(tasks.c.id, task_history.c.version.desc())
    )
    return (await conn.execute(query)).all()


async def make_words(conn: AsyncConnection, limit: int) -> int:
    """Give words to tasks that have none yet; returns to how many."""
    return await search.make_words(conn, tasks.c.id, tasks.c.search, TEXTS, limit)


async def count_open(conn: AsyncConnection, now: datetime) -> Backlog:
    """One query over the partial index of open tasks."""
    statement = select(func.count(), func.count().filter(is_overdue(now))).where(is_open())
    return Backlog(*(await conn.execute(statement)).one())


def is_open() -> ColumnElement[bool]:
    """The condition is written exactly as in the partial index of open tasks, so that the planner uses it."""
    return tasks.c.status.not_in([literal_column("'completed'"), literal_column("'closed'")])


def follows_children() -> ColumnElement[bool]:
    """What `Task.follows_children` says: it is done by its children, and carries no duty of its own."""
    recurs = func.coalesce(tasks.c.schedule.path_exists('$.rhythm[*] ? (@.every != "continuous")'), false())
    return or_(tasks.c.fanned_out, and_(recurs, tasks.c.schedule["trigger"].as_string().is_(None)))


def late_at() -> ColumnElement[datetime]:
    """The first instant at which the lead of a task is late; null where it has no deadline."""
    return func.coalesce(tasks.c.late_from, tasks.c.due_at)


def overdue(now: datetime) -> Sequence[ColumnElement[bool]]:
    """All of it holds for what is overdue. The time is compared as in the index of open tasks, which then passes what
    is not late yet without a look at the task."""
    return is_open(), late_at() <= now, ~func.coalesce(tasks.c.reported_at < late_at(), false())


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Open, late, and not reported in time; null where that is not so for want of a deadline."""
    return and_(*overdue(now))


def is_party(unit: str) -> ColumnElement[bool]:
    """Whether the unit may read the task."""
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
        "schedule": msgspec.to_builtins(task.schedule),
        "search": search.words_of(task.code, task.title, task.product, task.source),
    }
