"""Use cases of steps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import SeenVersion, etag, stale
from cchc_shared.http.idempotency import reply
from cchc_shared.http.problems import not_found
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.steps import repository
from tasks_api.steps.domain import check_period, moved
from tasks_api.steps.schemas import StepChangeIn, StepIn
from tasks_api.tasks.domain import Task, TaskStep
from tasks_api.tasks.schemas import TaskStepOut
from tasks_api.tasks.work import steps_of, task_at_work


@dataclass(frozen=True)
class Steps:
    """The steps of a task that is at work, changed by staff of the unit that leads it. Each method is one transaction.

    All raise 404 for a task or a step that is not there, 403 for other staff, 409 for a task that is reported or has
    ended, and `RuleBroken`.
    """

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    most: int

    async def add(self, code: str, given: StepIn, caller: Principal, *, key: str | None, digest: bytes) -> Reply:
        """A step more, at its place."""

        async def work(conn: AsyncConnection) -> Reply:
            task = await task_at_work(conn, code, caller)
            steps = await steps_of(conn, task.id)
            if len(steps) >= self.most:
                raise RuleBroken("text", f"nhiệm vụ đã có {self.most} bước", f"the task has {self.most} steps already")
            self._check_period(task, given)
            last = len(steps) + 1
            id_ = await repository.add(
                conn, task.id, given.text, given.due_on, position=last, at=self.clock.now(), by=caller.sub
            )
            if given.position and given.position < last:
                await repository.reorder(conn, moved([each.id for each in steps], id_, given.position))
            return await self._shown(conn, task, id_, status=201)

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work, about=code)

    async def change(self, code: str, step: int, given: StepChangeIn, caller: Principal, seen: SeenVersion) -> Reply:
        """Its words, day or place, or whether it is done. Raises 412 as well."""
        async with self.engine.begin() as conn:
            task = await task_at_work(conn, code, caller)
            steps = await steps_of(conn, task.id)
            found = _found(steps, step, seen)
            self._check_period(task, given)
            if values := _changes(found, given, self.clock.now(), caller.sub):
                await repository.change(conn, step, values)
            if given.position and given.position != found.position:
                await repository.reorder(conn, moved([each.id for each in steps], step, given.position))
            return await self._shown(conn, task, step)

    async def remove(self, code: str, step: int, caller: Principal, seen: SeenVersion) -> None:
        """Take it out; the row stays as a trace. Raises 412 as well."""
        async with self.engine.begin() as conn:
            task = await task_at_work(conn, code, caller)
            steps = await steps_of(conn, task.id)
            _found(steps, step, seen)
            await repository.change(conn, step, {"removed_at": self.clock.now(), "removed_by": caller.sub})
            if others := [each.id for each in steps if each.id != step]:
                await repository.reorder(conn, others)

    def _check_period(self, task: Task, given: StepIn | StepChangeIn) -> None:
        check_period(given.due_on, self.calendar.local_date(task.assigned_at), task.due_on)

    async def _shown(self, conn: AsyncConnection, task: Task, step: int, *, status: int = 200) -> Reply:
        [found] = [each for each in await steps_of(conn, task.id) if each.id == step]
        headers = {"ETag": etag(found.version), "Location": f"/v1/tasks/{task.code}/steps/{step}"}
        return reply(status, TaskStepOut.model_validate(found), headers if status == 201 else {"ETag": headers["ETag"]})


def _found(steps: list[TaskStep], step: int, seen: SeenVersion) -> TaskStep:
    found = next((each for each in steps if each.id == step), None)
    if found is None:
        raise not_found("bước này", "this step")
    if found.version not in seen:
        raise stale(found.version)
    return found


def _changes(step: TaskStep, given: StepChangeIn, at: datetime, by: str) -> dict[str, Any]:
    """The columns that are not as they should be. What was done stays done by whom it was."""
    said = given.model_fields_set
    values: dict[str, Any] = {}
    if given.text and given.text != step.text:
        values |= {"text": given.text}
    if "due_on" in said and given.due_on != step.due_on:
        values |= {"due_on": given.due_on}
    if values:
        values |= {"changed_at": at, "changed_by": by}
    if given.done is not None and given.done != step.done:
        values |= {"done_at": at, "done_by": by} if given.done else {"done_at": None, "done_by": None}
    return values
