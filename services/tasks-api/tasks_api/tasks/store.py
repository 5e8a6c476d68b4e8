"""Tasks as the workflow loads, stores and shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.codes import Role, TaskStatus
from cchc_shared.contract.transitions import Change
from cchc_shared.http.access import Principal
from cchc_shared.service.workflow import entry_of, event_of
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.stream import outbox
from tasks_api.tasks import access, effects, repository
from tasks_api.tasks.domain import Task, UnitRole, rolled_up
from tasks_api.tasks.schemas import TaskOut
from tasks_api.tasks.transitions import TABLE

ROLL_UP = "roll_up"
"""The action of a parent that follows its children. Nobody takes it."""


@dataclass(frozen=True)
class TaskStore:
    clock: Clock
    due_soon_days: int

    async def load(self, conn: AsyncConnection, code: str, caller: Principal) -> Task | None:
        return await repository.get(conn, code, reader=access.reader(caller), lock=True)

    def state(self, record: Task) -> Task:
        return record

    def parties(self, caller: Principal, record: Task) -> Mapping[StrEnum, Role]:
        return access.parties(caller, record)

    async def save(self, conn: AsyncConnection, record: Task, change: Change[Task], entry: HistoryEntry) -> Task:
        task = change.after
        await repository.update_task(conn, task)
        await repository.insert_history(conn, [(task, entry)])
        handed_over = task.unit != record.unit
        if handed_over:
            await repository.change_lead(conn, task.id, record.unit, task.unit)
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
                task,
                children.get(task.code, []),
                TABLE.possible(task, access.parties(caller, task)),
                now=now,
                due_soon_days=self.due_soon_days,
            )
            for task in tasks
        ]

    async def _roll_up(self, conn: AsyncConnection, parent_code: str, child: Task, *, handed_over: bool) -> None:
        """Move a fanned-out parent to the state that its children give it.

        Rows are always locked child before parent, so that two transactions never wait for each other.
        """
        parent = await repository.get(conn, parent_code, lock=True)
        if parent is None:
            return
        if handed_over:
            await repository.add_roles(conn, {parent.id: {child.unit: [UnitRole.RELATED]}})
        if not parent.fanned_out:
            return
        rollup = rolled_up(await repository.states_of_children(conn, parent_code))
        if rollup.status in {parent.status, TaskStatus.NOT_STARTED}:
            return
        change, now = effects.roll_up(parent, rollup, child.code), self.clock.now()
        entry = entry_of(parent, change, action=ROLL_UP, at=now, recorded_at=now)
        await outbox.write(conn, [event_of(change, entry)])
        await self.save(conn, parent, change, entry)
