"""Use cases of submissions."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag
from cchc_shared.http.history import History, HistoryItem
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import Command, Workflow, entry_of, event_of
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from tasks_api.consultations import repository as consultations
from tasks_api.consultations.service import Asked, Consultations
from tasks_api.cursors import id_before
from tasks_api.submissions import domain, repository
from tasks_api.submissions.domain import Meeting, Submission
from tasks_api.submissions.problems import NOT_READY
from tasks_api.submissions.schemas import (
    MeetingIn,
    SubmissionIn,
    SubmissionOut,
    SubmissionPage,
    SubmissionQuery,
    SubmissionReturnIn,
)
from tasks_api.submissions.store import SubmissionStore
from tasks_api.submissions.transitions import SubmissionAction
from tasks_api.tasks.access import reader
from tasks_api.units.service import Units

DRAFT: Final = "draft"
"""The first action of a submission, in its history."""


@dataclass(frozen=True)
class Submissions:
    """Papers for a decision. Each method is one transaction.

    Actions raise what every action does (`Workflow.run`), and `RuleBroken` where the rules say no.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    units: Units
    consultations: Consultations
    store: SubmissionStore
    workflow: Workflow[Submission, Submission]

    async def draft(self, given: SubmissionIn, asked: Asked) -> Reply:
        """Begin papers of a task. Raises 404 or 403 of the task, 409 when it has ended, and `RuleBroken`."""

        async def work(conn: AsyncConnection) -> Reply:
            papers = await self._draft(conn, given, asked)
            headers = {"Location": f"/v1/submissions/{papers.code}", "ETag": etag(papers.version)}
            return reply(201, self.store.shown(papers, asked.caller), headers)

        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)

    async def page(self, wanted: SubmissionQuery, caller: Principal) -> SubmissionPage:
        """Papers that the caller may read, newest first."""
        before = id_before(wanted.cursor)
        async with self.reading.connect() as conn:
            found = await repository.page(conn, wanted, reader(caller), before)
        items = [self.store.shown(each, caller) for each in found[: wanted.limit]]
        more = len(found) > wanted.limit
        return SubmissionPage(items=items, next_cursor=encode_cursor(found[wanted.limit - 1].id) if more else None)

    async def get(self, code: str, caller: Principal) -> SubmissionOut:
        """The papers. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return self.store.shown(await self._find(conn, code, caller), caller)

    async def history(self, code: str, caller: Principal) -> History:
        """Every change. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            rows = await repository.history_of(conn, (await self._find(conn, code, caller)).id)
        return History(items=[HistoryItem.model_validate(row) for row in rows])

    async def record_meeting(self, command: Command, given: MeetingIn) -> Reply:
        """Record a direct meeting with units of another opinion."""

        async def apply(conn: AsyncConnection, step: Step[Submission]) -> Change[Submission]:
            if given.on > self.calendar.local_date(step.at):
                raise RuleBroken("on", "chưa đến", "has not come yet")
            known = await self.units.names(conn, given.on)
            for index, unit in enumerate(given.participants):
                if unit not in known or unit == step.before.unit:
                    raise RuleBroken(
                        f"participants.{index}", "ngày đó không có đơn vị khác này", "was no other unit on that day"
                    )
            meeting = Meeting(given.on, tuple(dict.fromkeys(given.participants)), given.result)
            return domain.record_meeting(step, meeting)._replace(details=given.model_dump(mode="json"))

        return await self.workflow.run(command, SubmissionAction.RECORD_MEETING, apply)

    async def send(self, command: Command) -> Reply:
        """Send the papers. Raises 409 with what is open, and with disagreements that were not talked over."""

        async def apply(conn: AsyncConnection, step: Step[Submission]) -> Change[Submission]:
            await self._check_ready(conn, step)
            return domain.send(step)

        return await self.workflow.run(command, SubmissionAction.SEND, apply)

    async def return_(self, command: Command, given: SubmissionReturnIn) -> Reply:
        """Return the papers to the unit that submitted them."""

        async def apply(_: AsyncConnection, step: Step[Submission]) -> Change[Submission]:
            details = given.model_dump(mode="json", exclude_defaults=True)
            return domain.return_(step, given.reason)._replace(details=details)

        return await self.workflow.run(command, SubmissionAction.RETURN, apply)

    async def approve(self, command: Command) -> Reply:
        """Decide as was proposed."""

        async def apply(_: AsyncConnection, step: Step[Submission]) -> Change[Submission]:
            return domain.approve(step)

        return await self.workflow.run(command, SubmissionAction.APPROVE, apply)

    async def _check_ready(self, conn: AsyncConnection, step: Step[Submission]) -> None:
        asked = await consultations.of_task(conn, step.before.task)
        left = domain.obstacles(step.before, asked, step.at, self.calendar)
        if left.open or left.disagreements:
            raise Problem(
                NOT_READY,
                extra={
                    "open": [each.code for each in left.open],
                    "disagreements": [
                        {"consultation": each.code, "unit": each.unit, "contents": each.disagreements}
                        for each in left.disagreements
                    ],
                },
            )

    async def _draft(self, conn: AsyncConnection, given: SubmissionIn, asked: Asked) -> Submission:
        task = await self.consultations.led_task(conn, asked)
        now = self.clock.now()
        if given.to_unit == task.unit or not await self.units.is_active(conn, given.to_unit):
            raise RuleBroken("to_unit", "hiện không có đơn vị khác này", "is no other unit today")
        known = {each.code for each in await consultations.of_task(conn, task.code)}
        for index, code in enumerate(given.consultations):
            if code not in known:
                raise RuleBroken(
                    f"consultations.{index}", "không thuộc nhiệm vụ này", "is no consultation of this task"
                )
        id_ = await repository.new_id(conn)
        papers = Submission(
            id=id_,
            code=domain.code_of(id_, self.calendar.local_date(now).year),
            task=task.code,
            unit=task.unit,
            to_unit=given.to_unit,
            subject=given.subject,
            consultations=tuple(dict.fromkeys(given.consultations)),
            drafted_at=now,
        )
        change, role = domain.draft(papers), asked.caller.acting_as(*UNIT_STAFF)
        entry = entry_of(None, change, action=DRAFT, at=now, recorded_at=now, actor=asked.caller.sub, role=role)
        await repository.add(conn, papers)
        await repository.add_history(conn, papers, entry)
        await outbox.write(conn, [event_of(change, entry)])
        return papers

    async def _find(self, conn: AsyncConnection, code: str, caller: Principal) -> Submission:
        found = await repository.get(conn, code, reader(caller))
        if found is None:
            raise not_found(self.workflow.name.vi, self.workflow.name.en)
        return found
