"""Creation of tasks: one by one, or all tasks of a plan."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag
from cchc_shared.http.idempotency import reply
from cchc_shared.service.workflow import entry_of, event_of
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from tasks_api.city import City
from tasks_api.deadlines.domain import Deadline
from tasks_api.deadlines.reader import DeadlineReader
from tasks_api.notifications.repository import notify
from tasks_api.tasks import access, effects, repository
from tasks_api.tasks.domain import (
    Occurrence,
    Task,
    TaskDraft,
    UnitRole,
    check_within,
    due_at,
    next_occurrence,
    occurrence_code,
    schedule_of,
    unit_roles,
)
from tasks_api.tasks.notifications import ASSIGN, notifications_of
from tasks_api.tasks.schemas import TaskAssignedOut
from tasks_api.tasks.store import TaskStore
from tasks_api.tasks.timers import remind_from
from tasks_api.units.domain import UnitIndex, is_within
from tasks_api.units.service import Units


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


@dataclass(frozen=True)
class Assigning:
    """Assignment of single tasks, as of today. Each method is one transaction, or part of the caller's."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    deadlines: DeadlineReader
    units: Units
    store: TaskStore

    async def create(
        self,
        draft: TaskDraft,
        *,
        parent: str | None,
        caller: Principal,
        key: str | None,
        digest: bytes,
        language: str,
    ) -> Reply:
        """Assign a single task, from today. Raises `RuleBroken`."""

        async def work(conn: AsyncConnection) -> Reply:
            shown = await self.assign_in(conn, draft, parent=parent, caller=caller, language=language)
            return reply(201, shown, {"Location": f"/v1/tasks/{shown.code}", "ETag": etag(shown.version)})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def assign_in(
        self, conn: AsyncConnection, draft: TaskDraft, *, parent: str | None, caller: Principal, language: str
    ) -> TaskAssignedOut:
        """Assign a single task from today, in the caller's transaction. Raises `RuleBroken`."""
        task, deadline = await self._create(conn, draft, parent, caller)
        return TaskAssignedOut.read(await self.store.show(conn, task, caller), deadline, language)

    async def _create(
        self, conn: AsyncConnection, draft: TaskDraft, parent_code: str | None, caller: Principal
    ) -> tuple[Task, Deadline | None]:
        now = self.clock.now()
        today = self.calendar.local_date(now)
        unit_index = await self.units.unit_index(conn, today)
        draft, deadline = self._resolved(draft, unit_index, today)
        parent = await _open_parent(conn, parent_code) if parent_code else None
        if parent:
            check_within(parent, draft.due_on)
        own = None if access.is_citys(caller, self.city) else caller.unit
        if own and not is_within(unit_index.get(draft.lead_unit), own):
            raise RuleBroken("lead_unit", "không thuộc cơ quan của người giao", "is not of the caller's own unit")
        occasion = Occasion(
            unit=own or self.city.assigning_unit,
            actor=caller.sub,
            role=Role.COORDINATOR,
            at=now,
            recorded_at=now,
            plan=parent.plan if parent else None,
            parent=parent,
        )
        [task] = await assign(conn, [draft], unit_index, occasion, self.calendar)
        return task, deadline

    def _resolved(self, draft: TaskDraft, unit_index: UnitIndex, today: date) -> tuple[TaskDraft, Deadline | None]:
        """The draft with its units checked and its deadline as it was read, if it was. Raises `RuleBroken`."""
        group = unit_index.group(draft.lead_unit)
        members = tuple(unit.code for unit in unit_index.members(group)) if group else ()
        if not members and unit_index.get(draft.lead_unit) is None:
            raise unknown_unit("lead_unit")
        for index, code in enumerate(draft.coordinating_units):
            if unit_index.get(code) is None and unit_index.group(code) is None:
                raise unknown_unit(f"coordinating_units.{index}")
        due_on, schedule, deadline = draft.due_on, None, None
        if due_on is None and draft.due_text:
            deadline = self.deadlines.read(draft.due_text, today)
            if not deadline.understood:
                raise RuleBroken("due_text", deadline.doubts[0].vi, deadline.doubts[0].en)
            due_on, schedule = deadline.due_on, schedule_of(deadline)
        if due_on and due_on < today:
            raise RuleBroken("due_on", "đã qua", "has passed already")
        lead_unit = group.code if group else draft.lead_unit
        draft = replace(draft, lead_unit=lead_unit, fan_out=members, due_on=due_on, schedule=schedule)
        return draft, deadline


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
    await _insert(conn, [(change, _entry(change, occasion)) for change in changes], occasion.recorded_at)
    await repository.add_roles(conn, _roles(families, unit_index, occasion.parent))
    after = calendar.local_date(occasion.at)
    first = [each for change in changes for each in _next_occurrences(change.after, after, calendar)]
    await repository.add_rhythms(conn, first)
    return [parent for parent, *_ in families]


async def assign_occurrences(
    conn: AsyncConnection,
    found: Sequence[tuple[Task, Occurrence]],
    unit_index: UnitIndex,
    calendar: WorkingCalendar,
    recorded_at: datetime,
) -> None:
    """Assign occurrences of recurring tasks as of when they begin, to whoever leads the task now. Does not commit.

    One that a former schedule of the task made already is not made again.
    """
    codes = [occurrence_code(parent, occurrence) for parent, occurrence in found]
    there = await repository.existing(conn, codes)
    found = [each for each, code in zip(found, codes, strict=True) if code not in there]
    if not found:
        return
    rows = []
    roles: dict[int, dict[str, Collection[UnitRole]]] = {}
    for id_, (parent, occurrence) in zip(await repository.new_ids(conn, len(found)), found, strict=True):
        change = effects.assign(_occurrence(parent, occurrence, id_, calendar))
        change = change._replace(details={"rhythm": occurrence.number})
        entry = entry_of(None, change, action=ASSIGN, at=occurrence.begins_at, recorded_at=recorded_at)
        rows.append((change, entry))
        coordinating = unit_index.expand(change.after.coordinating_units)
        roles[id_] = dict(unit_roles(change.after, coordinating, [parent.unit]))
    await _insert(conn, rows, recorded_at)
    await repository.add_roles(conn, roles)


async def _insert(
    conn: AsyncConnection, rows: Sequence[tuple[Change[Task], HistoryEntry]], recorded_at: datetime
) -> None:
    await repository.insert_tasks(conn, [change.after for change, _ in rows])
    await repository.insert_history(conn, [(change.after, entry, None) for change, entry in rows])
    notifications = [each for change, entry in rows for each in notifications_of(change.after, ASSIGN, entry.at)]
    await notify(conn, notifications, recorded_at)
    await remind_from(conn, [change.after for change, _ in rows], recorded_at)
    await outbox.write(conn, [event_of(change, entry) for change, entry in rows])


def _entry(change: Change[Task], occasion: Occasion) -> HistoryEntry:
    return entry_of(
        None,
        change,
        action=ASSIGN,
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


def code_of(plan: str | None, number: int | None, part: int, id_: int, year: int) -> str:
    """`{plan}.{number}` for a row of a plan, with `-{part}` after its first lead; `NV-{year}-{id}` for other tasks."""
    if not (plan and number):
        return f"NV-{year}-{id_:06d}"
    return f"{plan}.{number}" if part == 1 else f"{plan}.{number}-{part}"


async def reschedule(conn: AsyncConnection, task: Task, at: datetime, calendar: WorkingCalendar) -> None:
    """Let the occurrences of a task follow its present schedule from an instant on. Those that are there stay."""
    await repository.drop_rhythms(conn, task)
    following = _next_occurrences(task, calendar.local_date(at), calendar)
    await repository.add_rhythms(
        conn, [(task, each._replace(begins_at=max(each.begins_at, at))) for _, each in following]
    )


def _next_occurrences(task: Task, after: date, calendar: WorkingCalendar) -> Iterator[tuple[Task, Occurrence]]:
    """Of each rhythm the first that is due after that day."""
    if not (task.schedule and task.has_occurrences):
        return
    for number in range(len(task.schedule.rhythm)):
        following = next_occurrence(task, number, after, calendar)
        if following:
            yield task, following


def _occurrence(parent: Task, occurrence: Occurrence, id_: int, calendar: WorkingCalendar) -> Task:
    return Task(
        id=id_,
        code=occurrence_code(parent, occurrence),
        title=parent.title,
        lead_unit=parent.lead_unit,
        officer=parent.officer,
        assigning_unit=parent.assigning_unit,
        assigned_at=occurrence.begins_at,
        plan=parent.plan,
        parent=parent.code,
        coordinating_units=parent.coordinating_units,
        due_text=parent.due_text,
        due_on=occurrence.due_on,
        due_at=due_at(occurrence.due_on, calendar),
        planned_due_on=occurrence.due_on,
        product=parent.product,
        source=parent.source,
        document=parent.document,
        urgency=parent.urgency,
    )


def _family(draft: TaskDraft, ids: Iterator[int], occasion: Occasion, calendar: WorkingCalendar) -> list[Task]:
    """The task and the children into which it fans out."""
    id_ = next(ids)
    task = Task(
        id=id_,
        code=code_of(occasion.plan, draft.number, draft.part, id_, calendar.local_date(occasion.at).year),
        title=draft.title,
        lead_unit=draft.lead_unit,
        assigning_unit=occasion.unit,
        assigned_at=occasion.at,
        plan=occasion.plan,
        number=draft.number,
        written_number=draft.written_number,
        section=draft.section,
        parent=occasion.parent.code if occasion.parent else None,
        coordinating_units=_without(draft.lead_unit, draft.coordinating_units),
        fanned_out=bool(draft.fan_out),
        due_text=draft.due_text,
        due_on=draft.due_on,
        due_at=due_at(draft.due_on, calendar),
        planned_due_on=draft.due_on,
        schedule=draft.schedule,
        product=draft.product,
        source=draft.source,
        petition=draft.petition,
        document=draft.document,
        urgency=draft.urgency,
    )
    return [task, *(_child(task, unit, next(ids)) for unit in draft.fan_out)]


def _child(parent: Task, unit: str, id_: int) -> Task:
    return replace(
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


async def _open_parent(conn: AsyncConnection, code: str) -> Task:
    parent = await repository.get(conn, code, lock=True)
    if parent is None or parent.ended:
        raise RuleBroken("parent", "không phải nhiệm vụ đang mở", "is not an open task")
    return parent


def unknown_unit(field: str) -> RuleBroken:
    return RuleBroken(field, "không phải mã của đơn vị đang hoạt động", "is not the code of a unit that exists today")
