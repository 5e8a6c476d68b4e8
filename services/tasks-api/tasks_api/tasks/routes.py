"""HTTP of tasks."""

import unicodedata
from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import Role, TaskStatus
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.etag import IfMatch, etag
from cchc_shared.http.idempotency import IdempotencyKey, reply, request_digest, respond
from cchc_shared.http.paging import Cursor, Limit, encode_cursor
from cchc_shared.http.problems import FieldError, invalid
from cchc_shared.http.schemas import Day
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.cursors import id_before
from tasks_api.models import idempotency
from tasks_api.resources import Here, Resources
from tasks_api.tasks import access, repository, service
from tasks_api.tasks.actions import Command
from tasks_api.tasks.domain import PartyRole, Task
from tasks_api.tasks.schemas import CODE, ActionIn, History, HistoryItem, TaskIn, TaskOut, TaskPage
from tasks_api.tasks.transitions import Action

router = APIRouter(prefix="/v1/tasks", tags=["tasks"])

Code = Annotated[str, Path(max_length=200, pattern=CODE)]
Staff = Annotated[Principal, allow(*access.STAFF)]
Coordinator = Annotated[Principal, allow(Role.COORDINATOR)]
Acting = Annotated[Principal, allow(Role.OFFICER, Role.UNIT_HEAD, Role.COORDINATOR)]
UnitCode = Annotated[str | None, Query(max_length=100)]


@router.get("", summary="Tasks the caller may see, newest first")
async def list_tasks(
    here: Here,
    caller: Staff,
    unit: UnitCode = None,
    role: Annotated[PartyRole | None, Query(description="What `unit` (or the caller's) is to the task")] = None,
    status: TaskStatus | None = None,
    plan: Annotated[str | None, Query(max_length=200)] = None,
    due_from: Day | None = None,
    due_to: Day | None = None,
    overdue: bool | None = None,
    q: Annotated[str | None, Query(max_length=200, description="Words of title, product or source")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> TaskPage:
    """A unit's staff see what their unit leads, led or helps with; the offices that follow up see everything."""
    wanted = repository.Filter(
        reader=access.reader(caller),
        unit=unit,
        role=role,
        status=status,
        plan=plan,
        due_from=due_from,
        due_to=due_to,
        overdue=overdue,
        q=unicodedata.normalize("NFC", q) if q else None,
    )
    if role and not unit and wanted.reader is None:
        raise invalid([FieldError("query.unit", "cần có khi lọc theo role", "is needed with role")])
    before = id_before(cursor)
    async with here.engine.connect() as conn:
        found = await repository.page(conn, wanted, now=here.clock.now(), before=before, limit=limit + 1)
        items = await shown(here, conn, found[:limit])
    return TaskPage(items=items, next_cursor=encode_cursor(found[limit - 1].id) if len(found) > limit else None)


@router.post("", summary="Assign a task", status_code=201, response_model=TaskOut)
async def create_task(
    here: Here, request: Request, caller: Coordinator, body: TaskIn, key: IdempotencyKey = None
) -> Response:
    """Assigned from today. A child lies within its parent's time."""

    async def work(conn: AsyncConnection) -> Reply:
        task = await service.create(here, conn, body.draft(), parent_code=body.parent, caller=caller)
        return await _reply(here, conn, task, 201, {"Location": f"/v1/tasks/{task.code}"})

    answer = await once(
        here.engine, idempotency, caller=caller.sub, key=key, digest=await request_digest(request), work=work
    )
    return respond(answer)


@router.get("/{code}", summary="One task")
async def get_task(here: Here, response: Response, caller: Staff, code: Code) -> TaskOut:
    """With its version as ETag, which every action asks for."""
    async with here.engine.connect() as conn:
        task = await service.find(here, conn, code, caller)
        [item] = await shown(here, conn, [task])
    response.headers["ETag"] = etag(task.version)
    return item


@router.get("/{code}/history", summary="Every change of a task")
async def get_history(here: Here, caller: Staff, code: Code) -> History:
    """In order, each with who did it and what was given as a reason."""
    rows = await service.history(here, code, caller)
    return History(items=[HistoryItem.model_validate(row) for row in rows])


@router.post("/{code}/actions/{action}", summary="Move a task on", response_model=TaskOut)
async def act(
    here: Here,
    request: Request,
    caller: Acting,
    code: Code,
    action: Action,
    version: IfMatch,
    body: ActionIn | None = None,
    key: IdempotencyKey = None,
) -> Response:
    """A wrong state answers 409 with what is possible; a version that is not the latest, 412."""
    command = body.command() if body else Command()

    async def work(conn: AsyncConnection) -> Reply:
        task = await service.act(here, conn, code, action, command, version=version, caller=caller)
        return await _reply(here, conn, task, 200, {})

    answer = await once(
        here.engine, idempotency, caller=caller.sub, key=key, digest=await request_digest(request), work=work
    )
    return respond(answer)


async def shown(here: Resources, conn: AsyncConnection, tasks: Sequence[Task]) -> list[TaskOut]:
    """Tasks as they are shown, each with the codes of its children."""
    children = await repository.children_of(conn, [task.code for task in tasks])
    now, days = here.clock.now(), here.profile.rules.due_soon_days.value
    return [TaskOut.of(task, children.get(task.code, []), now=now, due_soon_days=days) for task in tasks]


async def _reply(here: Resources, conn: AsyncConnection, task: Task, status: int, headers: dict[str, str]) -> Reply:
    [item] = await shown(here, conn, [task])
    return reply(status, item, headers | {"ETag": etag(task.version)})
