"""Tasks as the workflow loads, stores and shows them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role, TaskStatus
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.http.access import Principal
from cchc_shared.service.workflow import entry_of, event_of
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.stream import outbox
from tasks_api.city import City
from tasks_api.notifications.repository import notify
from tasks_api.tasks import access, effects, repository
from tasks_api.tasks.domain import Task, UnitRole, missed_by, rolled_up
from tasks_api.tasks.notifications import REASSIGN, notifications_of
from tasks_api.tasks.schemas import TaskOut
from tasks_api.tasks.timers import remind_from
from tasks_api.tasks.transitions import TABLE, TaskAction

ROLL_UP = "roll_up"
"""The action of a parent that follows its children. Nobody takes it."""

MOVED_WITH_PARENT: Final[Mapping[str, Callable[[Step[Task], Task, WorkingCalendar], Change[Task]]]] = {
    TaskAction.GRANT_EXTENSION: effects.extend_with_parent,
    TaskAction.SET_DEADLINE: effects.date_with_parent,
    TaskAction.CONFIRM_TRIGGER: effects.date_with_parent,
}
"""What a new day of a task does to the children that were due with it."""


@dataclass(frozen=True)
class TaskStore:
    clock: Clock
    calendar: WorkingCalendar
    city: City
    due_soon_days: int

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Task | None:
        # What an action of a parent does to its children, it does after them: see `_roll_up`.
        await repository.lock_open_below(conn, code)
        return await repository.get(conn, code, reader=access.reader(caller), lock=True)

    def state(self, record: Task) -> Task:
        return record

    def parties(self, caller: Principal, record: Task) -> Mapping[StrEnum, Role]:
        return access.parties(caller, record, self.city)

    async def save(self, conn: AsyncConnection, record: Task, change: Change[Task], entry: HistoryEntry) -> Task:
        task = change.after
        await self._write(conn, record, change, entry)
        await self._follow(conn, record, task, entry)
        handed_over = task.unit != record.unit
        if handed_over:
            await repository.change_lead(conn, task.id, record.unit, task.unit)
        if task.assigning_unit != record.assigning_unit:
            await repository.add_roles(conn, {task.id: {task.assigning_unit: [UnitRole.ASSIGNING]}})
        if task.parent:
            await self._roll_up(conn, task.parent, task, handed_over=handed_over)
        return task

    async def show(self, conn: AsyncConnection, record: Task, caller: Principal) -> TaskOut:
        [shown] = await self.show_all(conn, [record], caller)
        return shown

    async def show_all(self, conn: AsyncConnection, tasks: Sequence[Task], caller: Principal) -> list[TaskOut]:
        """Each task as this caller sees it, with the codes of its children."""
        children = await repository.children_of(conn, [task.code for task in tasks])
        now = self.clock.now()
        return [
            TaskOut.of(
                task if access.sees_people(caller, task, self.city) else replace(task, officer=None),
                children.get(task.code, []),
                TABLE.possible(task, access.parties(caller, task, self.city)),
                now=now,
                due_soon_days=self.due_soon_days,
            )
            for task in tasks
        ]

    async def _write(self, conn: AsyncConnection, before: Task, change: Change[Task], entry: HistoryEntry) -> None:
        await repository.update_task(conn, change.after)
        after = change.after
        inherited = entry.action == REASSIGN and UnitRole.LEAD in entry.details
        missed = missed_by(before, after, entry.at, inherited=inherited)
        await repository.insert_history(conn, [(after, entry, missed)])
        if inherited or entry.action != REASSIGN:
            await notify(conn, notifications_of(after, entry.action, entry.at), entry.recorded_at)
        if after.reminded_of != before.reminded_of:
            await remind_from(conn, [after], entry.recorded_at)

    async def _follow(self, conn: AsyncConnection, before: Task, after: Task, entry: HistoryEntry) -> None:
        """Open children of a task that ends, end with it; those that were due with it, stay due with it."""
        moved = MOVED_WITH_PARENT.get(entry.action)
        ended = entry.action == TaskAction.CLOSE and (after.follows_children or after.has_occurrences)
        if not (moved or ended):
            return
        for child in await repository.lock_open_below(conn, after.code):
            if ended:
                step = Step(child, replace(child, status=TaskStatus.CLOSED, version=child.version + 1), entry.at)
                change = effects.close(step)
            elif moved and child.due_on == before.due_on and not child.recurring:
                step = Step(child, replace(child, version=child.version + 1), entry.at)
                change = moved(step, after, self.calendar)
            else:
                continue
            change = change._replace(details={"parent": after.code})
            followed = entry_of(
                child,
                change,
                action=entry.action,
                at=entry.at,
                recorded_at=entry.recorded_at,
                actor=entry.actor,
                role=Role(entry.role) if entry.role else None,
            )
            await self._write(conn, child, change, followed)
            await outbox.write(conn, [event_of(change, followed)])

    async def _roll_up(self, conn: AsyncConnection, parent_code: str, child: Task, *, handed_over: bool) -> None:
        """Move a parent that follows its children to the state that they give it.

        Rows are always locked child before parent, so that two transactions never wait for each other.
        """
        parent = await repository.get(conn, parent_code, lock=True)
        if parent is None:
            return
        if handed_over:
            await repository.add_roles(conn, {parent.id: {child.unit: [UnitRole.RELATED]}})
        if not parent.follows_children or parent.ended:
            return
        more_to_come = parent.recurring and await repository.recurs_on(conn, parent)
        rollup = rolled_up(await repository.states_of_children(conn, parent_code), more_to_come=more_to_come)
        if rollup.status in {parent.status, TaskStatus.NOT_STARTED}:
            return
        change, now = effects.roll_up(parent, rollup, child.code), self.clock.now()
        entry = entry_of(parent, change, action=ROLL_UP, at=now, recorded_at=now)
        await outbox.write(conn, [event_of(change, entry)])
        await self.save(conn, parent, change, entry)
