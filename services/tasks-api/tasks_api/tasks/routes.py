"""Routes of tasks: list, assign, read, history, and one route for each action."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.answers import tagged
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import show_version
from cchc_shared.http.history import History
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.kinds import LIST_TO_BE_READ_ANEW
from cchc_shared.http.language import AcceptLanguage, language_of
from cchc_shared.service.actions import ActionRoutes
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from cchc_shared.service.workflow import Command
from cchc_shared.storage.idempotency import Reply
from tasks_api.tasks import access
from tasks_api.tasks.assignment import Assigning
from tasks_api.tasks.schemas import (
    CODE,
    TaskActionIn,
    TaskApproveIn,
    TaskAssignedOut,
    TaskDeadlineIn,
    TaskDetailOut,
    TaskExtensionIn,
    TaskGrantIn,
    TaskIn,
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
from tasks_api.tasks.service import Tasks
from tasks_api.tasks.sheets import TASKS
from tasks_api.tasks.transitions import TaskAction

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

Service = Annotated[Tasks, use(Tasks)]
Code = Annotated[str, Path(max_length=200, pattern=CODE)]
StaffCaller = Annotated[Principal, allow(*access.OFFICIALS)]
CoordinatorCaller = Annotated[Principal, allow(Role.COORDINATOR)]
ActingCaller = Annotated[Principal, allow(Role.OFFICER, Role.UNIT_HEAD, Role.COORDINATOR)]

action = ActionRoutes(router, resource="tasks", code=Code, caller=ActingCaller, service=Tasks, shown=TaskOut)


async def _page(tasks: Service, caller: StaffCaller, query: Annotated[TaskQuery, Query()]) -> TaskPage:
    return await tasks.page(query, caller)


@router.get(
    "",
    summary="List tasks",
    operation_id="tasks.list",
    response_model=TaskPage,
    responses=NOT_MODIFIED | may_answer(LIST_TO_BE_READ_ANEW),
)
async def list_(tasks: Service, caller: StaffCaller, query: Annotated[TaskQuery, Query()]) -> Response:
    """Lists tasks, newest first. Staff see the tasks that their unit leads, led or coordinates; the offices that follow
    up see all tasks. With `since`: what has changed after the last answer, the oldest change first, each task once and
    as it is now, and the codes of those that left the list."""
    return tagged(await _page(tasks, caller, query))


export(router, _page, TASKS, resource="tasks")


@router.post("", summary="Assign a task", status_code=201, response_model=TaskAssignedOut)
async def create(
    assigning: Annotated[Assigning, use(Assigning)],
    request: Request,
    caller: CoordinatorCaller,
    body: TaskIn,
    key: IdempotencyKey = None,
    accept_language: AcceptLanguage = None,
) -> Response:
    """Assigns a new task as of today. A child must not be due later than its parent. Without a day the wording of the
    deadline is read: what is doubtful about it stands in `warnings`; what leaves the day open is refused with the
    question. Recurring work gets a child for each occurrence; a term after an event waits for `confirm_trigger`."""
    digest, language = await request_digest(request), language_of(accept_language)
    draft, parent = body.draft(), body.parent
    return respond(
        await assigning.create(draft, parent=parent, caller=caller, key=key, digest=digest, language=language)
    )


@router.get("/{code}", summary="Read a task", responses=NOT_MODIFIED)
async def get(tasks: Service, request: Request, response: Response, caller: StaffCaller, code: Code) -> TaskDetailOut:
    """Shows a task with its steps and how far it is. The ETag is its version; every action requires it in `If-Match`.
    Work on it, such as steps, evidence and reports of progress, makes no new version."""
    task, lasting = await tasks.get(code, caller)
    show_version(request, response, task.version, lasting=lasting)
    return task


@router.get("/{code}/history", summary="Read the history of a task")
async def history(tasks: Service, caller: StaffCaller, code: Code) -> History:
    """Lists the changes of a task, oldest first, with the actor and the fields given with each action."""
    return await tasks.history(code, caller)


@action(TaskAction.START, "Start work", TaskActionIn)
async def start(tasks: Tasks, command: Command, body: TaskActionIn) -> Reply:
    """The lead unit starts work. If closing was proposed, this withdraws the proposal, and work goes on."""
    return await tasks.start(command, body)


@action(TaskAction.REPORT, "Report completion", TaskReportIn)
async def report(tasks: Tasks, command: Command, body: TaskReportIn) -> Reply:
    """The lead unit reports completion. Two approvals follow; the task is then completed as of this report. Evidence is
    added before it."""
    return await tasks.report(command, body)


@action(TaskAction.APPROVE, "Approve the report", TaskApproveIn)
async def approve(tasks: Tasks, command: Command, body: TaskApproveIn) -> Reply:
    """The head of the lead unit approves the report first; then the head or the office of the assigning unit completes
    the task by its approval, and may rate the work. Nobody approves what they reported or approved themselves."""
    return await tasks.approve(command, body)


@action(TaskAction.REJECT, "Reject the report", TaskReasonIn)
async def reject(tasks: Tasks, command: Command, body: TaskReasonIn) -> Reply:
    """Whoever would approve the report next rejects it. The task is in progress again and has no approvals."""
    return await tasks.reject(command, body)


@action(TaskAction.REQUEST_EXTENSION, "Request a later deadline", TaskExtensionIn)
async def request_extension(tasks: Tasks, command: Command, body: TaskExtensionIn) -> Reply:
    """The lead unit requests a later deadline. The city's rules and the deadline of the parent limit it."""
    return await tasks.request_extension(command, body)


@action(TaskAction.GRANT_EXTENSION, "Grant the later deadline", TaskGrantIn)
async def grant_extension(tasks: Tasks, command: Command, body: TaskGrantIn) -> Reply:
    """The assigning office grants the extension: the requested day becomes the last day, also of the children that
    were due with it. What was late by then stays late. A task of many units is given more time without a request."""
    return await tasks.grant_extension(command, body)


@action(TaskAction.DENY_EXTENSION, "Deny the later deadline", TaskReasonIn)
async def deny_extension(tasks: Tasks, command: Command, body: TaskReasonIn) -> Reply:
    """The office that follows up denies the extension. The deadline does not change."""
    return await tasks.deny_extension(command, body)


@action(TaskAction.RETURN, "Return the task", TaskReturnIn)
async def return_(tasks: Tasks, command: Command, body: TaskReturnIn) -> Reply:
    """The lead unit returns the task to the unit that assigned it. It counts as a hand-over, but against nobody unless
    the assigning office judges it unjustified. What was late by then stays late for who had it."""
    return await tasks.return_(command, body)


@action(TaskAction.TRANSFER, "Transfer the task", TaskTransferIn)
async def transfer(tasks: Tasks, command: Command, body: TaskTransferIn) -> Reply:
    """The head of the lead unit or the assigning office transfers the task. By a unit, it counts as a hand-over. What
    was late by then stays late for who had it; the new lead has time of its own."""
    return await tasks.transfer(command, body)


@action(TaskAction.PROPOSE_CLOSE, "Propose to close the task", TaskReasonIn)
async def propose_close(tasks: Tasks, command: Command, body: TaskReasonIn) -> Reply:
    """The lead unit proposes to close a task that need not be done any more."""
    return await tasks.propose_close(command, body)


@action(TaskAction.CLOSE, "Close the task", TaskActionIn)
async def close(tasks: Tasks, command: Command, body: TaskActionIn) -> Reply:
    """The assigning office closes the task, with a reason or after a proposal. The task ends without being completed;
    one of many units, or a recurring one, with all that are open below it."""
    return await tasks.close(command, body)


@action(TaskAction.MARK_UNJUSTIFIED, "Judge a hand-over unjustified", TaskMarkUnjustifiedIn)
async def mark_unjustified(tasks: Tasks, command: Command, body: TaskMarkUnjustifiedIn) -> Reply:
    """The assigning office finds that a unit had no right to hand the task over, with a reason, or withdraws that. Only
    such hand-overs count in the score."""
    return await tasks.mark_unjustified(command, body)


@action(TaskAction.ASSIGN_OFFICER, "Say who does the task", TaskOfficerIn)
async def assign_officer(tasks: Tasks, command: Command, body: TaskOfficerIn) -> Reply:
    """The head of the lead unit names the officer who does the task, or nobody. An officer may take what nobody does
    yet. A hand-over clears it."""
    return await tasks.assign_officer(command, body)


@action(TaskAction.URGE, "Urge whoever does the task", TaskUrgeIn)
async def urge(tasks: Tasks, command: Command, body: TaskUrgeIn) -> Reply:
    """The assigning unit urges the lead, or the head of the lead its officer, with words that the history keeps; by the
    city's rules once a day. Of a task that is done by its children, all that are open are urged."""
    return await tasks.urge(command, body)


@action(TaskAction.SET_DEADLINE, "Set the deadline of a task that has none", TaskDeadlineIn)
async def set_deadline(tasks: Tasks, command: Command, body: TaskDeadlineIn) -> Reply:
    """The assigning office gives a task its last day whose document names none, with a reason; so it does to the
    children that have none. The day must not have passed."""
    return await tasks.set_deadline(command, body)


@action(TaskAction.CONFIRM_TRIGGER, "Confirm the event from which the deadline counts", TaskTriggerIn)
async def confirm_trigger(tasks: Tasks, command: Command, body: TaskTriggerIn) -> Reply:
    """The assigning office says when the event happened that the term of the task counts from; its deadline follows
    from the working calendar. A wrong day is mended by confirming again; what was late by then stays late."""
    return await tasks.confirm_trigger(command, body)
