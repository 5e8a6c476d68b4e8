"""Use cases of tasks."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.history import History, HistoryItem
from cchc_shared.http.paging import encode_cursor
from cchc_shared.http.problems import Problem, invalid
from cchc_shared.http.since import Followed, check_alone
from cchc_shared.service.workflow import Command, Workflow
from cchc_shared.storage import changes
from cchc_shared.storage.idempotency import Reply
from tasks_api.city import City
from tasks_api.cursors import id_before
from tasks_api.tasks import access, effects, listing, repository
from tasks_api.tasks.assignment import unknown_unit
from tasks_api.tasks.domain import Receiving, Task, check_within
from tasks_api.tasks.problems import CHILDREN_OPEN, SAME_PERSON
from tasks_api.tasks.rules import TaskRules, WorkRules
from tasks_api.tasks.schemas import (
    TaskActionIn,
    TaskApproveIn,
    TaskBrief,
    TaskDeadlineIn,
    TaskDetailOut,
    TaskExtensionIn,
    TaskGrantIn,
    TaskMarkUnjustifiedIn,
    TaskOfficerIn,
    TaskOut,
    TaskPage,
    TaskQuery,
    TaskReasonIn,
    TaskReportIn,
    TaskReturnIn,
    TaskTransferIn,
    TaskTriggerIn,
    TaskUrgeIn,
)
from tasks_api.tasks.store import TaskStore
from tasks_api.tasks.transitions import Party, TaskAction
from tasks_api.tasks.urging import Urging
from tasks_api.tasks.work import read_task, work_on
from tasks_api.units.service import Units

Check = Callable[[AsyncConnection, Task], Awaitable[None]]
"""Looks at what the task alone does not know. Raises `RuleBroken`."""


@dataclass(frozen=True)
class Tasks:
    """Lists and follow-up of tasks. Each method is one transaction.

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
    work_rules: WorkRules
    units: Units
    store: TaskStore
    workflow: Workflow[Task, Task]

    async def page(self, wanted: TaskQuery, caller: Principal) -> TaskPage:
        """Tasks that the caller may read, newest first; with `since` what has changed, the oldest change first.

        Raises a 422 problem for `role` without a unit, and 410 where the cursor says nothing any more.
        """
        reader, limit = access.reader(caller), wanted.limit
        if wanted.role and not wanted.unit and reader is None:
            raise invalid([FieldError("query.unit", "cần có khi lọc theo role", "is needed with role")])
        if wanted.since is not None:
            return await self._changed(wanted, wanted.since, caller)
        now, before = self.clock.now(), id_before(wanted.cursor)
        async with self.reading.connect() as conn:
            found = await listing.page(conn, wanted, reader=reader, sub=caller.sub, now=now, before=before)
            items = await self.store.show_all(conn, found[:limit], caller)
        cursor = encode_cursor(found[limit - 1].id) if len(found) > limit else None
        return TaskPage(**_shown(wanted, items), next_cursor=cursor)

    async def _changed(self, wanted: TaskQuery, since: str, caller: Principal) -> TaskPage:
        check_alone(wanted, "overdue")
        reader, limit, now = access.reader(caller), wanted.limit, self.clock.now()
        async with self.reading.connect() as conn:
            followed = Followed.of(
                await changes.generation(conn),
                {"sub": caller.sub, "roles": sorted(caller.roles), "unit": caller.unit},
                wanted.model_dump(mode="json", exclude={"since", "limit", "view"}),
                now,
            )
            after = followed.place(since, listing.UNSEEN)
            found = await listing.changed(conn, wanted, reader=reader, sub=caller.sub, now=now, after=after)
            page = list({each.task.id: each for each in found[:limit]}.values())
            items = await self.store.show_all(conn, [each.task for each in page if each.listed], caller)
        return TaskPage(
            **_shown(wanted, items),
            next_cursor=None,
            gone=[each.task.code for each in page if not each.listed],
            since=followed.cursor(page[-1].place if page else after),
            more=len(found) > limit,
        )

    async def get(self, code: str, caller: Principal) -> tuple[TaskDetailOut, bool]:
        """The task with the work on it, and whether another answer can only come with another version. Raises 404."""
        async with self.reading.connect() as conn:
            task = await read_task(conn, code, caller)
            shown = await self.store.show(conn, task, caller)
            work = await work_on(conn, task.id)
        detail = TaskDetailOut.with_work(shown, work, people=access.sees_people(caller, task, self.city))
        # Time makes a task due or overdue, and a child or work may be added, without a new version.
        lasting = not (shown.overdue or shown.due_soon or shown.children or shown.recurring or work.begun)
        return detail, lasting

    async def history(self, code: str, caller: Principal) -> History:
        """Every change of the task. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            task = await read_task(conn, code, caller)
            rows = await repository.history_of(conn, task.id)
        items = [HistoryItem.model_validate(row) for row in rows]
        if not access.sees_people(caller, task, self.city):
            items = [_nameless(each) for each in items]
        return History(items=items)

    async def start(self, command: Command, given: TaskActionIn) -> Reply:
        """Start work, or withdraw a proposal to close."""
        return await self._act(command, TaskAction.START, given, effects.start)

    async def assign_officer(self, command: Command, given: TaskOfficerIn) -> Reply:
        """Say who of the lead unit does the task."""
        by = command.caller.sub

        def effect(step: Step[Task]) -> Change[Task]:
            by_head = Party.LEAD_HEAD in self.store.parties(command.caller, step.before)
            change = effects.assign_officer(step, given.officer, by, by_head=by_head)
            return change._replace(details={"officer": given.officer})

        return await self._act(command, TaskAction.ASSIGN_OFFICER, given, effect)

    async def urge(self, command: Command, given: TaskUrgeIn) -> Reply:
        """Urge whoever does the task; with `children`, or where the task is done by its children, all of those too."""
        urging = Urging(self.workflow, self.store, self.calendar, self.work_rules.urgings_a_day.value)
        return await urging.run(command, given)

    async def report(self, command: Command, given: TaskReportIn) -> Reply:
        """Report completion. Raises `RuleBroken` for a document of tomorrow."""

        def effect(step: Step[Task]) -> Change[Task]:
            if given.product_date and given.product_date > self.calendar.local_date(step.at):
                raise RuleBroken("product_date", "chưa đến", "has not come yet")
            return effects.report(step, command.caller.sub, given.product_number, given.product_date)

        return await self._act(command, TaskAction.REPORT, given, effect)

    async def approve(self, command: Command, given: TaskApproveIn) -> Reply:
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
            if given.quality is not None and command.caller.unit == step.before.lead_unit:
                raise RuleBroken("quality", "không tự chấm cho cơ quan mình", "is not given to one's own unit")
            return effects.approve(step, by, given.quality)

        return await self._act(command, TaskAction.APPROVE, given, effect, check)

    async def reject(self, command: Command, given: TaskReasonIn) -> Reply:
        """Reject the report; the task is in progress again."""
        return await self._act(command, TaskAction.REJECT, given, partial(effects.reject, calendar=self.calendar))

    async def request_extension(self, command: Command, given: TaskExtensionIn) -> Reply:
        """Request a later deadline, within the city's rules and the deadline of the parent."""
        effect = partial(
            effects.request_extension, due_on=given.due_on, rules=self.rules.extensions, calendar=self.calendar
        )

        async def check(conn: AsyncConnection, task: Task) -> None:
            await self._check_parents_time(conn, task, given.due_on)

        return await self._act(command, TaskAction.REQUEST_EXTENSION, given, effect, check)

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
        effect = partial(effects.return_, reason=given.reason, receiving=self.receiving)
        return await self._act(command, TaskAction.RETURN, given, effect)

    async def transfer(self, command: Command, given: TaskTransferIn) -> Reply:
        """Transfer the task to another unit. What the assigning office moves is nobody's hand-over."""

        def effect(step: Step[Task]) -> Change[Task]:
            by_office = Party.LEAD_HEAD not in self.store.parties(command.caller, step.before)
            return effects.transfer(step, given.unit, self.receiving, by_office=by_office, due_on=given.due_on)

        async def check(conn: AsyncConnection, task: Task) -> None:
            await self._check_lead(conn, task)
            if given.due_on:
                await self._check_parents_time(conn, task, given.due_on)

        return await self._act(command, TaskAction.TRANSFER, given, effect, check)

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

        A task of many units, or with occurrences, is closed with all that are open below it; any other is open while a
        child is.
        """

        async def check(conn: AsyncConnection, task: Task) -> None:
            if not (task.follows_children or task.has_occurrences):
                await _check_children(conn, task)

        def effect(step: Step[Task]) -> Change[Task]:
            if given.reason is None and step.before.status is not TaskStatus.CLOSE_PROPOSED:
                raise RuleBroken("reason", "cần có khi đơn vị chưa đề xuất đóng", "is needed where no unit proposed it")
            return effects.close(step)

        return await self._act(command, TaskAction.CLOSE, given, effect, check)

    async def set_deadline(self, command: Command, given: TaskDeadlineIn) -> Reply:
        """Give a task its last day, whose document names none."""
        effect = partial(effects.set_deadline, due_on=given.due_on, calendar=self.calendar)
        return await self._date(command, TaskAction.SET_DEADLINE, given, effect)

    async def confirm_trigger(self, command: Command, given: TaskTriggerIn) -> Reply:
        """Give a task the last day that follows from an event, or the right one if another was confirmed before."""
        effect = partial(effects.confirm_trigger, happened_on=given.happened_on, calendar=self.calendar)
        return await self._date(command, TaskAction.CONFIRM_TRIGGER, given, effect)

    async def _date(
        self, command: Command, action: TaskAction, given: TaskActionIn, effect: Callable[[Step[Task]], Change[Task]]
    ) -> Reply:
        field = "due_on" if action is TaskAction.SET_DEADLINE else "happened_on"

        async def apply(conn: AsyncConnection, step: Step[Task]) -> Change[Task]:
            change = effect(step)
            due_on = change.after.due_on
            parent = await repository.get(conn, step.before.parent) if step.before.parent else None
            if parent:
                check_within(parent, due_on, field)
            latest = await repository.latest_below(conn, step.before)
            if due_on and latest and latest > due_on:
                raise RuleBroken(
                    field,
                    f"nhiệm vụ con có thời hạn sau đó ({latest})",
                    f"lets a child be due later ({latest})",
                )
            return change._replace(note=given.reason, details=given.details())

        return await self.workflow.run(command, action, apply)

    @property
    def receiving(self) -> Receiving:
        """How a unit receives a task that others hand it."""
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
            raise unknown_unit("unit")

    async def _check_parents_time(self, conn: AsyncConnection, task: Task, due_on: date) -> None:
        parent = await repository.get(conn, task.parent) if task.parent else None
        if parent:
            check_within(parent, due_on)


def _nameless(item: HistoryItem) -> HistoryItem:
    """The change without the officer, who may have named themselves."""
    details = dict(item.details or {})
    officer = details.pop("officer", None)
    actor = None if officer == item.actor else item.actor
    return item.model_copy(update={"details": details, "actor": actor})


async def _check_children(conn: AsyncConnection, task: Task) -> None:
    if children := await repository.open_children(conn, task.code):
        raise Problem(CHILDREN_OPEN, extra={"children": children})


def _shown(wanted: TaskQuery, items: Sequence[TaskOut]) -> dict[str, Any]:
    """The tasks of a page, in the form that was asked for."""
    if wanted.view == "brief":
        return {"items": [], "brief": [TaskBrief.model_validate(item) for item in items]}
    return {"items": items}
