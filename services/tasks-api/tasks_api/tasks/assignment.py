"""Creation of tasks: one by one, or all tasks of a plan."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.contract.transitions import Change
from cchc_shared.service.workflow import entry_of, event_of
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.stream import outbox
from tasks_api.tasks import effects, repository
from tasks_api.tasks.domain import Task, TaskDraft, UnitRole, due_at, unit_roles
from tasks_api.units.domain import UnitIndex


@dataclass(frozen=True)
class Occasion:
    """An act of assignment: its unit and actor, its time, its plan or parent. The actor acts in `role`."""

    unit: str
    actor: str
    role: Role | None
    at: datetime
    recorded_at: datetime
    plan: str | None = None
    parent: Task | None = None


async def assign(
    conn: AsyncConnection,
    drafts: Sequence[TaskDraft],
    unit_index: UnitIndex,
    occasion: Occasion,
    calendar: WorkingCalendar,
) -> list[Task]:
    """Insert the tasks, and one child for each unit of a lead that is a group; each has its event `task.assigned`.

    Returns the tasks in the order of the drafts, without the children. Does not commit.
    """
    ids = iter(await repository.new_ids(conn, sum(1 + len(draft.fan_out) for draft in drafts)))
    families = [_family(draft, ids, occasion, calendar) for draft in drafts]
    changes = [effects.assign(task) for family in families for task in family]
    rows = [(change, _entry(change, occasion)) for change in changes]
    await repository.insert_tasks(conn, [change.after for change in changes])
    await repository.insert_history(conn, [(change.after, entry, None) for change, entry in rows])
    await repository.add_roles(conn, _roles(families, unit_index, occasion.parent))
    await outbox.write(conn, [event_of(change, entry) for change, entry in rows])
    return [parent for parent, *_ in families]


def _entry(change: Change[Task], occasion: Occasion) -> HistoryEntry:
    return entry_of(
        None,
        change,
        action="assign",
        at=occasion.at,
        recorded_at=occasion.recorded_at,
        actor=occasion.actor,
        role=occasion.role,
    )


def _roles(
    families: Sequence[Sequence[Task]], unit_index: UnitIndex, above: Task | None
) -> dict[int, dict[str, Collection[UnitRole]]]:
    """By task: its units with their roles. Parents and children may read each other."""
    found: dict[int, dict[str, Collection[UnitRole]]] = {}
    for parent, *children in families:
        coordinating = unit_index.expand(parent.coordinating_units)
        related = [*([above.unit] if above else []), *(child.unit for child in children)]
        found[parent.id] = dict(unit_roles(parent, coordinating, related))
        for child in children:
            found[child.id] = dict(unit_roles(child, coordinating, []))
    if above:
        found[above.id] = {parent.unit: [UnitRole.RELATED] for parent, *_ in families}
    return found


def code_of(plan: str | None, number: int | None, id_: int, year: int) -> str:
    """`{plan}.{number}` for a row of a plan, `NV-{year}-{id}` for any other task."""
    return f"{plan}.{number}" if plan and number else f"NV-{year}-{id_:06d}"


def _family(draft: TaskDraft, ids: Iterator[int], occasion: Occasion, calendar: WorkingCalendar) -> list[Task]:
    """The task and the children into which it fans out."""
    id_ = next(ids)
    task = Task(
        id=id_,
        code=code_of(occasion.plan, draft.number, id_, calendar.local_date(occasion.at).year),
        title=draft.title,
        lead_unit=draft.lead_unit,
        assigning_unit=occasion.unit,
        assigned_at=occasion.at,
        plan=occasion.plan,
        number=draft.number,
        parent=occasion.parent.code if occasion.parent else None,
        coordinating_units=_without(draft.lead_unit, draft.coordinating_units),
        fanned_out=bool(draft.fan_out),
        due_text=draft.due_text,
        due_on=draft.due_on,
        due_at=due_at(draft.due_on, calendar),
        planned_due_on=draft.due_on,
        product=draft.product,
        source=draft.source,
        petition=draft.petition,
        urgency=draft.urgency,
    )
    return [task, *(_child(task, unit, next(ids)) for unit in draft.fan_out)]


def _child(parent: Task, unit: str, id_: int) -> Task:
    return msgspec.structs.replace(
        parent,
        id=id_,
        code=f"{parent.code}.{unit}",
        parent=parent.code,
        lead_unit=unit,
        coordinating_units=_without(unit, parent.coordinating_units),
        fanned_out=False,
    )


def _without(lead: str, coordinating: Collection[str]) -> tuple[str, ...]:
    """The lead is not one of its own coordinating units."""
    return tuple(unit for unit in coordinating if unit != lead)
