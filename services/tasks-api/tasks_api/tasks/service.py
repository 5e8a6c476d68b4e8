"""Use cases of tasks."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role, TaskStatus
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.history import History, HistoryItem
from cchc_shared.http.idempotency import reply
from cchc_shared.http.kinds import kind
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import Problem, invalid, not_found
from cchc_shared.service.workflow import Command, Workflow
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.city import City
from tasks_api.cursors import id_before
from tasks_api.deadlines.reader import DeadlineReader
from tasks_api.tasks import access, effects, repository
from tasks_api.tasks.assignment import Occasion, assign
from tasks_api.tasks.domain import Receiving, Task, TaskDraft, check_within
from tasks_api.tasks.rules import TaskRules
from tasks_api.tasks.schemas import (
    TaskActionIn,
    TaskExtensionIn,
    TaskGrantIn,
    TaskMarkUnjustifiedIn,
    TaskOut,
    TaskPage,
    TaskQuery,
    TaskReasonIn,
    TaskReturnIn,
    TaskTransferIn,
)
from tasks_api.tasks.store import TaskStore
from tasks_api.tasks.transitions import Party, TaskAction
from tasks_api.units.domain import UnitIndex
from tasks_api.units.service import Units

SAME_PERSON: Final = kind(
    "same-person",
    403,
    vi="Người đã báo cáo hoặc đã duyệt báo cáo này không được duyệt tiếp.",
    en="Whoever made this report or approved it once must not approve it.",
    mend_vi="Để người khác có thẩm quyền duyệt.",
    mend_en="Leave the approval to another person with the right to it.",
)
CHILDREN_OPEN: Final = kind(
    "children-open",
    409,
    vi="Nhiệm vụ còn nhiệm vụ con chưa kết thúc.",
    en="A child of this task is still open.",
    mend_vi="Kết thúc các nhiệm vụ con ghi ở `children` trước.",
    mend_en="End the tasks named in `children` first.",
)

Check = Callable[[AsyncConnection, Task], Awaitable[None]]
"""Looks at what the task alone does not know. Raises `RuleBroken`."""


@dataclass(frozen=True)
class Tasks:
    """Assignment and follow-up of tasks. Each method is one transaction.

    Actions reply with the task as this caller sees it. They raise 404 for a task that the caller may not read, 412 when
    it changed since the caller saw it, 409 with the possible actions in a wrong state, 403 when another party takes
    that action, and `RuleBroken` where the rules say no.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    rules: TaskRules
    deadlines: DeadlineReader
    units: Units
    store: TaskStore
    workflow: Workflow[Task, Task]

    async def page(self, wanted: TaskQuery, caller: Principal) -> TaskPage:
        """Tasks that the caller may read, newest first. Raises a 422 problem for `role` without a unit."""
        reader, limit = access.reader(caller), wanted.limit
        if wanted.role and not wanted.unit and reader is None:
            raise invalid([FieldError("query.unit", "cần có khi lọc theo role", "is needed with role")])
        now, before = self.clock.now(), id_before(wanted.cursor)
        async with self.reading.connect() as conn:
            found = await repository.page(conn, wanted, reader=reader, now=now, before=before)
            items = await self.store.show_all(conn, found[:limit], caller)
        return TaskPage(items=items, next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)

    async def get(self, code: str, caller: Principal) -> TaskOut:
        """The task. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return await self.store.show(conn, await self._find(conn, code, caller), caller)

    async def history(self, code: str, caller: Principal) -> History:
        """Every change of the task. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            task = await self._find(conn, code, caller)
            rows = await repository.history_of(conn, task.id)
        return History(items=[HistoryItem.model_validate(row) for row in rows])

    async def create(
        self, draft: TaskDraft, *, parent: str | None, caller: Principal, key: str | None, digest: bytes
    ) -> Reply:
        """Assign a single task, from today. Raises `RuleBroken`."""

        async def work(conn: AsyncConnection) -> Reply:
            task = await self._create(conn, draft, parent, caller)
            shown = await self.store.show(conn, task, caller)
            return reply(201, shown, {"Location": f"/v1/tasks/{task.code}", "ETag": etag(task.version)})

        return await once(self.engine, caller=caller.sub, key=key, digest=digest, work=work)

    async def start(self, command: Command, given: TaskActionIn) -> Reply:
        """Start work, or withdraw a proposal to close."""
        return await self._act(command, TaskAction.START, given, effects.start)

    async def report(self, command: Command, given: TaskActionIn) -> Reply:
        """Report completion."""
        return await self._act(command, TaskAction.REPORT, given, partial(effects.report, by=command.caller.sub))

    async def approve(self, command: Command, given: TaskActionIn) -> Reply:
        """Approve the report; the second approval completes the task. Nobody approves what they reported or approved.

        Raises a 403 problem for that, and a 409 problem while a child is open.
        """
        by = command.caller.sub

        async def check(conn: AsyncConnection, task: Task) -> None:
            if task.status is TaskStatus.COMPLETED:
                await _check_children(conn, task)

        def effect(step: Step[Task]) -> Change[Task]:
            if by in {step.before.reported_by, step.before.endorsed_by}:
                raise Problem(SAME_PERSON)
            return effects.approve(step, by)

        return await self._act(command, TaskAction.APPROVE, given, effect, check)

    async def reject(self, command: Command, given: TaskReasonIn) -> Reply:
        """Reject the report; the task is in progress again."""
        return await self._act(command, TaskAction.REJECT, given, partial(effects.reject, calendar=self.calendar))

    async def request_extension(self, command: Command, given: TaskExtensionIn) -> Reply:
        """Request a later deadline, within the city's rules and the deadline of the parent."""
        effect = partial(
            effects.request_extension, due_on=given.due_on, rules=self.rules.extensions, calendar=self.calendar
        )
        return await self._act(command, TaskAction.REQUEST_EXTENSION, given, effect, self._check_parents_time)

    async def grant_extension(self, command: Command, given: TaskGrantIn) -> Reply:
        """Grant the requested deadline; or, to all units of a fanned-out task, the one that is given."""

        def effect(step: Step[Task]) -> Change[Task]:
            if not step.before.fanned_out:
                if given.due_on is not None:
                    raise RuleBroken("due_on", "đã có trong đề nghị gia hạn", "is that of the request")
                return effects.grant_extension(step, self.calendar)
            if given.due_on is None:
                raise RuleBroken("due_on", "cần có", "is needed")
            return effects.extend_all(step, given.due_on, self.rules.extensions, self.calendar)

        return await self._act(command, TaskAction.GRANT_EXTENSION, given, effect)

    async def deny_extension(self, command: Command, given: TaskReasonIn) -> Reply:
        """Deny the requested deadline."""
        return await self._act(command, TaskAction.DENY_EXTENSION, given, effects.deny_extension)

    async def return_(self, command: Command, given: TaskReturnIn) -> Reply:
        """Return the task to the unit that assigned it."""
        effect = partial(effects.return_, reason=given.reason, receiving=self._receiving)
        return await self._act(command, TaskAction.RETURN, given, effect)

    async def transfer(self, command: Command, given: TaskTransferIn) -> Reply:
        """Transfer the task to another unit. What the assigning office moves is nobody's hand-over."""

        def effect(step: Step[Task]) -> Change[Task]:
            by_office = Party.LEAD_HEAD not in self.store.parties(command.caller, step.before)
            return effects.transfer(step, given.unit, self._receiving, by_office=by_office, due_on=given.due_on)

        return await self._act(command, TaskAction.TRANSFER, given, effect, self._check_lead)

    async def mark_unjustified(self, command: Command, given: TaskMarkUnjustifiedIn) -> Reply:
        """The assigning office judges a hand-over, or withdraws its judgement."""

        async def effect(conn: AsyncConnection, step: Step[Task]) -> Change[Task]:
            handover = await repository.handover(conn, step.before, given.handover)
            if handover is None:
                raise RuleBroken("handover", "không phải lần chuyển, trả lại của đơn vị", "is no hand-over by a unit")
            judged = handover.judged_by is not None
            if judged == given.unjustified:
                raise RuleBroken(
                    "unjustified",
                    "đã được kết luận như vậy" if judged else "chưa có kết luận nào để rút lại",
                    "was judged so already" if judged else "cannot be withdrawn: it was not judged so",
                )
            change = effects.judge_handover(step, handover)
            return change._replace(note=given.reason, details={**given.details(), **change.details})

        return await self.workflow.run(command, TaskAction.MARK_UNJUSTIFIED, effect)

    async def propose_close(self, command: Command, given: TaskReasonIn) -> Reply:
        """Propose to close the task."""
        return await self._act(command, TaskAction.PROPOSE_CLOSE, given, effects.propose_close)

    async def close(self, command: Command, given: TaskActionIn) -> Reply:
        """Close the task without completion: by its reason, or as its lead proposed.

        A task of many units is closed with all that are open below it; any other is open while a child is.
        """

        async def check(conn: AsyncConnection, task: Task) -> None:
            if not task.fanned_out:
                await _check_children(conn, task)

        def effect(step: Step[Task]) -> Change[Task]:
            if given.reason is None and step.before.status is not TaskStatus.CLOSE_PROPOSED:
                raise RuleBroken("reason", "cần có khi đơn vị chưa đề xuất đóng", "is needed where no unit proposed it")
            return effects.close(step)

        return await self._act(command, TaskAction.CLOSE, given, effect, check)

    @property
    def _receiving(self) -> Receiving:
        return Receiving(self.calendar, self.rules.receiving_working_days.value)

    async def _act(
        self,
        command: Command,
        action: TaskAction,
        given: TaskActionIn,
        effect: Callable[[Step[Task]], Change[Task]],
        check: Check | None = None,
    ) -> Reply:
        async def apply(conn: AsyncConnection, step: Step[Task]) -> Change[Task]:
            change = effect(step)
            if check:
                await check(conn, change.after)
            return change._replace(note=given.reason, details={**given.details(), **change.details})

        return await self.workflow.run(command, action, apply)

    async def _check_lead(self, conn: AsyncConnection, task: Task) -> None:
        if not await self.units.is_active(conn, task.lead_unit):
            raise _unknown_unit("unit")

    async def _check_parents_time(self, conn: AsyncConnection, task: Task) -> None:
        parent = await repository.get(conn, task.parent) if task.parent else None
        if parent:
            check_within(parent, task.requested_due_on)

    async def _find(self, conn: AsyncConnection, code: str, caller: Principal) -> Task:
        task = await repository.get(conn, code, reader=access.reader(caller))
        if task is None:
            raise not_found(self.workflow.name.vi, self.workflow.name.en)
        return task

    async def _create(
        self, conn: AsyncConnection, draft: TaskDraft, parent_code: str | None, caller: Principal
    ) -> Task:
        now = self.clock.now()
        today = self.calendar.local_date(now)
        unit_index = await self.units.unit_index(conn, today)
        draft = self._resolved(draft, unit_index, today)
        parent = await _open_parent(conn, parent_code) if parent_code else None
        if parent:
            check_within(parent, draft.due_on)
        own = None if access.is_citys(caller, self.city) else caller.unit
        if own and not access.is_within(unit_index.get(draft.lead_unit), own):
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
        return task

    def _resolved(self, draft: TaskDraft, unit_index: UnitIndex, today: date) -> TaskDraft:
        """The draft with its units checked and its deadline as a day. Raises `RuleBroken`."""
        group = unit_index.group(draft.lead_unit)
        members = tuple(unit.code for unit in unit_index.members(group)) if group else ()
        if not members and unit_index.get(draft.lead_unit) is None:
            raise _unknown_unit("lead_unit")
        for index, code in enumerate(draft.coordinating_units):
            if unit_index.get(code) is None and unit_index.group(code) is None:
                raise _unknown_unit(f"coordinating_units.{index}")
        due_on = draft.due_on
        if due_on is None and draft.due_text:
            deadline = self.deadlines.read(draft.due_text, today)
            for doubt in deadline.doubts:
                raise RuleBroken("due_text", doubt.vi, doubt.en)
            due_on = deadline.due_on
        if due_on and due_on < today:
            raise RuleBroken("due_on", "đã qua", "has passed already")
        lead_unit = group.code if group else draft.lead_unit
        return msgspec.structs.replace(draft, lead_unit=lead_unit, fan_out=members, due_on=due_on)


async def _open_parent(conn: AsyncConnection, code: str) -> Task:
    parent = await repository.get(conn, code, lock=True)
    if parent is None or parent.ended:
        raise RuleBroken("parent", "không phải nhiệm vụ đang mở", "is not an open task")
    return parent


async def _check_children(conn: AsyncConnection, task: Task) -> None:
    if children := await repository.open_children(conn, task.code):
        raise Problem(CHILDREN_OPEN, extra={"children": children})


def _unknown_unit(field: str) -> RuleBroken:
    return RuleBroken(field, "không phải mã của đơn vị đang hoạt động", "is not the code of a unit that exists today")
