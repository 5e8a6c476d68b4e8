"""Use cases of tasks."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import TaskStatus
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import stale
from cchc_shared.http.problems import FieldError, Problem, invalid, not_found
from cchc_shared.stream import outbox
from tasks_api.resources import Resources
from tasks_api.tasks import access, actions, repository
from tasks_api.tasks.actions import Acting, Change, Command
from tasks_api.tasks.assignment import Assigning, assign
from tasks_api.tasks.domain import Draft, PartyRole, RuleBroken, Task, check_within, rolled_up
from tasks_api.tasks.transitions import Action, Transition, possible, transition
from tasks_api.units import repository as units
from tasks_api.units.domain import Directory


async def create(
    here: Resources, conn: AsyncConnection, draft: Draft, *, parent_code: str | None, caller: Principal
) -> Task:
    """Assign a single task, from today. Raises a 422 problem that names what is wrong; the caller commits."""
    today = here.today()
    directory = here.profile.directory(await units.valid_on(conn, today), today)
    draft = _resolved(here, draft, directory, today)
    parent = await _open_parent(conn, parent_code) if parent_code else None
    if parent:
        with keeping_rules():
            check_within(parent, draft.due_on)
    occasion = Assigning(
        unit=caller.unit or here.profile.city.assigning_unit,
        actor=caller.sub,
        at=here.clock.now(),
        plan=parent.plan if parent else None,
        parent=parent,
    )
    [task] = await assign(here, conn, [draft], directory, occasion)
    return task


async def find(here: Resources, conn: AsyncConnection, code: str, caller: Principal, *, lock: bool = False) -> Task:
    """The task if the caller may see it. Raises a 404 problem."""
    task = await repository.get(conn, code, reader=access.reader(caller), lock=lock)
    if task is None:
        raise not_found("nhiệm vụ này", "this task")
    return task


async def history(here: Resources, code: str, caller: Principal) -> Sequence[Row[Any]]:
    """Every change of the task, in order, with what was given with it."""
    async with here.engine.connect() as conn:
        task = await find(here, conn, code, caller)
        return await repository.history_of(conn, task.id)


async def act(
    here: Resources,
    conn: AsyncConnection,
    code: str,
    action: Action,
    command: Command,
    *,
    version: int,
    caller: Principal,
) -> Task:
    """Take an action on the version the caller saw. The caller commits.

    Raises 404 for a task not to be seen, 412 when it changed meanwhile, 409 with what is possible in a wrong state,
    403 when that is for somebody else to do, and 422 where the rules say no.
    """
    task = await find(here, conn, code, caller, lock=True)
    if task.version != version:
        raise stale(task.version)
    row = _allowed(task, action, caller)
    with keeping_rules():
        change = actions.perform(task, row, command, _acting(here))
    await _check_surroundings(here, conn, change.task, command)
    await _record(here, conn, change, actor=caller.sub, details=_given(command))
    if change.task.lead_unit != task.lead_unit:
        await repository.change_lead(conn, task.id, task.lead_unit, change.task.lead_unit)
    if task.parent:
        await _tell_parent(here, conn, task.parent, change.task, handed_over=change.task.lead_unit != task.lead_unit)
    return change.task


def _allowed(task: Task, action: Action, caller: Principal) -> Transition:
    row = transition(task, action)
    if row is None:
        raise Problem(
            409,
            "wrong-state",
            vi=f"Nhiệm vụ đang ở trạng thái “{task.status}”, không thể làm việc này.",
            en=f"The task is {task.status}: this cannot be done now.",
            extra={"state": task.status, "possible": sorted({each.action for each in possible(task)})},
        )
    if row.by.isdisjoint(access.capacities(caller, task)):
        raise Problem(
            403,
            "not-yours-to-do",
            vi="Việc này do người khác làm ở bước này.",
            en="At this step this is for somebody else to do.",
            extra={"by": sorted(row.by)},
        )
    return row


async def _check_surroundings(here: Resources, conn: AsyncConnection, task: Task, command: Command) -> None:
    """What the task alone cannot know: that the new lead exists, and that its parent's time is kept."""
    if command.unit:
        held = await units.with_codes(conn, [command.unit])
        if not any(entry.unit.valid_on(here.today()) for entry in held):
            raise unknown_unit("body.unit")
    if command.due_on and task.parent:
        parent = await repository.get(conn, task.parent)
        if parent:
            with keeping_rules():
                check_within(parent, command.due_on)


async def _tell_parent(
    here: Resources, conn: AsyncConnection, parent_code: str, child: Task, *, handed_over: bool
) -> None:
    """A fanned-out parent follows its children. Locked after the child, always: no two wait for each other."""
    parent = await repository.get(conn, parent_code, lock=True)
    if parent is None:
        return
    if handed_over:
        await repository.add_parties(conn, {parent.id: {child.lead_unit: [PartyRole.RELATED]}})
    if not parent.fanned_out:
        return
    rollup = rolled_up(await repository.standing_of_children(conn, parent_code))
    if rollup.status not in {parent.status, TaskStatus.NOT_STARTED}:
        change = actions.follow_children(parent, rollup)
        await _record(here, conn, change, actor="children", details={"child": child.code})
        if parent.parent:
            await _tell_parent(here, conn, parent.parent, change.task, handed_over=False)


async def _record(
    here: Resources, conn: AsyncConnection, change: Change, *, actor: str, details: dict[str, Any]
) -> None:
    """State, history and event of one change."""
    now = here.clock.now()
    fact = change.event.TYPE.split(".")[-2]
    await repository.update_task(conn, change.task)
    await repository.insert_history(conn, [repository.Entry(change.task, fact, now, now, actor, details)])
    await outbox.write(conn, [here.event(change.event, change.task.code, change.task.version, now)])


def _acting(here: Resources) -> Acting:
    return Acting(here.clock.now(), here.profile.calendar, here.profile.rules.extensions)


def _given(command: Command) -> dict[str, Any]:
    return {name: msgspec.to_builtins(value) for name, value in msgspec.structs.asdict(command).items() if value}


def _resolved(here: Resources, draft: Draft, directory: Directory, today: date) -> Draft:
    """The draft with its units known and its deadline dated."""
    group = directory.group(draft.lead_unit)
    members = tuple(unit.code for unit in directory.members(group)) if group else ()
    if not members and directory.get(draft.lead_unit) is None:
        raise unknown_unit("body.lead_unit")
    _check_known(draft.coordinating_units, directory)
    due_on = draft.due_on
    if due_on is None and draft.due_text:
        due_on, doubt = here.profile.rules.deadline_reader().read(draft.due_text, today)
        if doubt:
            raise invalid([FieldError("body.due_text", doubt.vi, doubt.en)])
    if due_on and due_on < today:
        raise invalid([FieldError("body.due_on", "đã qua", "has passed already")])
    lead_unit = group.code if group else draft.lead_unit
    return msgspec.structs.replace(draft, lead_unit=lead_unit, fan_out=members, due_on=due_on)


def _check_known(codes: Collection[str], directory: Directory) -> None:
    for index, code in enumerate(codes):
        if directory.get(code) is None and directory.group(code) is None:
            raise unknown_unit(f"body.coordinating_units.{index}")


async def _open_parent(conn: AsyncConnection, code: str) -> Task:
    parent = await repository.get(conn, code, lock=True)
    if parent is None or parent.ended:
        raise invalid([FieldError("body.parent", "không phải nhiệm vụ đang mở", "is not an open task")])
    return parent


def unknown_unit(field: str) -> Problem:
    return invalid(
        [FieldError(field, "không phải mã của đơn vị đang hoạt động", "is not the code of a unit that exists today")]
    )


@contextmanager
def keeping_rules() -> Iterator[None]:
    """Domain code speaks of rules; callers hear of fields."""
    try:
        yield
    except RuleBroken as error:
        raise invalid([FieldError(f"body.{error.field}", error.message.vi, error.message.en)]) from error
