"""Use cases of reports of progress."""

from dataclasses import dataclass

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.city import City
from tasks_api.cursors import id_before
from tasks_api.progress_reports import repository
from tasks_api.progress_reports.domain import Obstacle, ProgressReport, waiting_days
from tasks_api.progress_reports.problems import NOTHING_TO_ANSWER
from tasks_api.progress_reports.schemas import (
    ObstacleOut,
    ObstaclePage,
    ObstacleQuery,
    ProgressAnswerIn,
    ProgressQuery,
    ProgressReportIn,
    ProgressReportOut,
    ProgressReportPage,
)
from tasks_api.tasks import access
from tasks_api.tasks.domain import Task
from tasks_api.tasks.problems import TASK_ENDED
from tasks_api.tasks.transitions import Party
from tasks_api.tasks.work import read_task, task_at_work


@dataclass(frozen=True)
class ProgressReports:
    """Each method is one transaction. All raise 404 for a task that the caller may not read."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    most: int

    async def add(
        self, code: str, given: ProgressReportIn, caller: Principal, *, key: str | None, digest: bytes
    ) -> Reply:
        """Say how far the task is. Raises 403 for other staff, 409 for a task that is reported or has ended, and
        `RuleBroken`."""

        async def work(conn: AsyncConnection) -> Reply:
            task = await task_at_work(conn, code, caller)
            if await repository.count(conn, task.id) >= self.most:
                enough = f"nhiệm vụ đã có {self.most} báo cáo tiến độ", f"the task has {self.most} reports of progress"
                raise RuleBroken("content", *enough)
            made = await repository.add(conn, task, given, at=self.clock.now(), by=caller.sub)
            return reply(201, self._shown(made, task, caller))

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work, about=code)

    async def page(self, code: str, wanted: ProgressQuery, caller: Principal) -> ProgressReportPage:
        """Those of a task, newest first."""
        before, limit = id_before(wanted.cursor), wanted.limit
        async with self.reading.connect() as conn:
            task = await read_task(conn, code, caller)
            found = await repository.page(conn, task.id, before=before, limit=limit)
        items = [self._shown(each, task, caller) for each in found[:limit]]
        cursor = encode_cursor(found[limit - 1].id) if len(found) > limit else None
        return ProgressReportPage(items=items, next_cursor=cursor)

    async def answer(
        self, code: str, report: int, given: ProgressAnswerIn, caller: Principal, *, key: str | None, digest: bytes
    ) -> Reply:
        """The assigning unit answers obstacles, once. Raises 403 for others, and 409."""

        async def work(conn: AsyncConnection) -> Reply:
            task = await read_task(conn, code, caller, lock=True)
            if Party.ASSIGNER not in access.parties(caller, task, self.city):
                raise Problem(NOT_PERMITTED, extra={"by": [Party.ASSIGNER]})
            found = await repository.find(conn, task.id, report)
            if found is None:
                raise not_found("báo cáo tiến độ này", "this report of progress")
            if task.ended:
                raise Problem(TASK_ENDED)
            if not found.waits:
                raise Problem(NOTHING_TO_ANSWER)
            now = self.clock.now()
            await repository.answer(conn, report, given.answer, at=now, by=caller.sub)
            answered = msgspec.structs.replace(found, answer=given.answer, answered_at=now, answered_by=caller.sub)
            return reply(200, self._shown(answered, task, caller))

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work, about=code)

    async def obstacles(self, wanted: ObstacleQuery, caller: Principal) -> ObstaclePage:
        """Those that wait for an answer, oldest first, of the tasks that the caller may read."""
        after, limit = id_before(wanted.cursor), wanted.limit
        async with self.reading.connect() as conn:
            found = await repository.waiting(conn, wanted, reader=access.reader(caller), after=after)
        items = [self._waiting(each) for each in found[:limit]]
        cursor = encode_cursor(found[limit - 1].report) if len(found) > limit else None
        return ObstaclePage(items=items, next_cursor=cursor)

    def _waiting(self, found: Obstacle) -> ObstacleOut:
        today = self.calendar.local_date(self.clock.now())
        days = waiting_days(found.reported_at, today, self.calendar)
        return ObstacleOut(**msgspec.structs.asdict(found), waiting_days=days)

    def _shown(self, found: ProgressReport, task: Task, caller: Principal) -> ProgressReportOut:
        today = self.calendar.local_date(self.clock.now())
        awaited = found.waits and not task.ended
        days = waiting_days(found.reported_at, today, self.calendar) if awaited else None
        if not access.sees_people(caller, task, self.city):
            found = msgspec.structs.replace(found, reported_by=None, answered_by=None)
        return ProgressReportOut(**msgspec.structs.asdict(found), waiting_days=days)
