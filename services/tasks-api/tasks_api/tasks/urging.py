"""Urging: who does a task, and who does those below it, is asked to get on with it (đôn đốc)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.service.workflow import Command, Workflow, entry_of, event_of
from cchc_shared.storage.history import HistoryEntry
from cchc_shared.storage.idempotency import Reply
from cchc_shared.stream import outbox
from tasks_api.notifications.repository import notify
from tasks_api.tasks import effects, repository
from tasks_api.tasks.domain import Task
from tasks_api.tasks.notifications import notifications_of
from tasks_api.tasks.schemas import TaskUrgeIn
from tasks_api.tasks.store import TaskStore
from tasks_api.tasks.transitions import TABLE, Party, TaskAction


@dataclass(frozen=True)
class Urging:
    """One command. `most` is how often a unit may urge the same task on one day."""

    workflow: Workflow[Task, Task]
    store: TaskStore
    calendar: WorkingCalendar
    most: int

    async def run(self, command: Command, given: TaskUrgeIn) -> Reply:
        """Urge, and reply as every action does. Raises `RuleBroken` where the unit has done so today.

        Of the tasks below it, those are left out that this unit has urged today, or that wait for a decision.
        """

        async def effect(conn: AsyncConnection, step: Step[Task]) -> Change[Task]:
            task = step.before
            party, role = _speaker(self.store.parties(command.caller, task).items())
            by_unit = task.assigning_unit if party is Party.ASSIGNER else task.unit
            if party is Party.LEAD_HEAD and task.officer is None:
                raise RuleBroken("officer", "chưa có ai được phân công để đôn đốc", "is nobody yet who could be urged")
            wide = given.children or task.follows_children
            below = await repository.lock_open_below(conn, task.code) if wide else []
            today = self.calendar.end_of_day(self.calendar.local_date(step.at) - timedelta(days=1))
            urged = await repository.urged_since(conn, [each.id for each in (task, *below)], by_unit, today)
            if urged.get(task.id, 0) >= self.most:
                raise RuleBroken(
                    "reason",
                    f"hôm nay đơn vị đã đôn đốc nhiệm vụ này {self.most} lần",
                    f"the unit has urged this task {self.most} time(s) today",
                )
            reached = [
                each
                for each in below
                if urged.get(each.id, 0) < self.most and TABLE.row(each, TaskAction.URGE) is not None
            ]
            if reached:
                await self._urge_below(conn, reached, step, by_unit, given.reason, command.caller.sub, role)
            change = effects.urge(step, by_unit)
            return change._replace(note=given.reason, details={**given.details(), **change.details})

        return await self.workflow.run(command, TaskAction.URGE, effect)

    async def _urge_below(
        self,
        conn: AsyncConnection,
        tasks: Sequence[Task],
        step: Step[Task],
        by_unit: str,
        words: str,
        actor: str,
        role: Role,
    ) -> None:
        """Some locked tasks at once: there may be hundreds, and nothing of them changes that another follows."""
        recorded_at = self.store.clock.now()
        changed: list[tuple[Change[Task], HistoryEntry]] = []
        for task in tasks:
            change = effects.urge(Step(task, replace(task, version=task.version + 1), step.at), by_unit)
            change = change._replace(note=words, details={**change.details, "parent": step.before.code})
            entry = entry_of(
                task,
                change,
                action=TaskAction.URGE,
                at=step.at,
                recorded_at=recorded_at,
                actor=actor,
                role=role,
            )
            changed.append((change, entry))
        await repository.count_urging(conn, [task.id for task in tasks], step.at)
        await repository.insert_history(conn, [(change.after, entry, None) for change, entry in changed])
        notifications = [
            each for change, _ in changed for each in notifications_of(change.after, TaskAction.URGE, step.at)
        ]
        await notify(conn, notifications, recorded_at)
        await outbox.write(conn, [event_of(change, entry) for change, entry in changed])


def _speaker(parties: Iterable[tuple[StrEnum, Role]]) -> tuple[StrEnum, Role]:
    """As whom the caller urges: for the assigning unit where they speak for it, else as the head of the lead."""
    found = dict(parties)
    party = Party.ASSIGNER if Party.ASSIGNER in found else Party.LEAD_HEAD
    return party, found[party]
