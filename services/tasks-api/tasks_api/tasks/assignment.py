"""Tasks come into being here, be it one by one or with a plan."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.stream import outbox
from tasks_api.resources import Resources
from tasks_api.tasks import actions, repository
from tasks_api.tasks.domain import Draft, PartyRole, Task, due_at, parties
from tasks_api.units.domain import Directory


@dataclass(frozen=True)
class Assigning:
    """On what occasion tasks are assigned: by which unit and person, when, under which plan or parent."""

    unit: str
    actor: str
    at: datetime
    plan: str | None = None
    parent: Task | None = None


async def assign(
    here: Resources, conn: AsyncConnection, drafts: Sequence[Draft], directory: Directory, occasion: Assigning
) -> list[Task]:
    """Write the tasks, and one child for each unit of a lead that is a group; each has its event `task.assigned`.

    Returns the tasks in the order of the drafts, children left out. The caller commits.
    """
    ids = iter(await repository.new_ids(conn, sum(1 + len(draft.fan_out) for draft in drafts)))
    families = [_family(here, draft, ids, occasion) for draft in drafts]
    new = [task for family in families for task in family]
    recorded_at = here.clock.now()
    await repository.insert_tasks(conn, new)
    await repository.insert_history(
        conn, [repository.Entry(task, "assigned", occasion.at, recorded_at, occasion.actor, {}) for task in new]
    )
    found: dict[int, dict[str, Collection[PartyRole]]] = {}
    for parent, *children in families:
        coordinating = directory.expand(parent.coordinating_units)
        above = [occasion.parent.lead_unit] if occasion.parent else []
        found[parent.id] = dict(parties(parent, coordinating, [*above, *(child.lead_unit for child in children)]))
        for child in children:
            found[child.id] = dict(parties(child, coordinating, []))
    if occasion.parent:
        found[occasion.parent.id] = {parent.lead_unit: [PartyRole.RELATED] for parent, *_ in families}
    await repository.add_parties(conn, found)
    await outbox.write(
        conn, [here.event(actions.assigned(task).event, task.code, task.version, occasion.at) for task in new]
    )
    return [parent for parent, *_ in families]


def code_of(plan: str | None, number: int | None, id_: int, year: int) -> str:
    """A task of a plan is called by its number there, another by the year and a running number."""
    return f"{plan}.{number}" if plan and number else f"NV-{year}-{id_:06d}"


def _family(here: Resources, draft: Draft, ids: Iterator[int], occasion: Assigning) -> list[Task]:
    """The task and the children into which it fans out."""
    calendar = here.profile.calendar
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
        product=draft.product,
        source=draft.source,
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
    """A lead does not help itself."""
    return tuple(unit for unit in coordinating if unit != lead)
