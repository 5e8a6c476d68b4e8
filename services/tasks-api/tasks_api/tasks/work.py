"""The work on a task, for the features that stand on it: who may do it, and what a reader of the task sees of it."""

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.http.access import Principal
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED
from cchc_shared.storage.records import records
from tasks_api.tasks import access, repository
from tasks_api.tasks.domain import Task, TaskStep, Work
from tasks_api.tasks.models import task_evidence, task_progress_reports, task_steps
from tasks_api.tasks.problems import TASK_ENDED, TASK_REPORTED
from tasks_api.tasks.transitions import Party


async def read_task(conn: AsyncConnection, code: str, caller: Principal, *, lock: bool = False) -> Task:
    """The task. Raises 404 where the caller may not read it."""
    task = await repository.get(conn, code, reader=access.reader(caller), lock=lock)
    if task is None:
        raise not_found("nhiệm vụ này", "this task")
    return task


async def led_task(conn: AsyncConnection, code: str, caller: Principal, *, lock: bool = True) -> Task:
    """The task, locked, if the caller acts for the unit that leads it.

    Raises 404 when it is not to be seen, 403 for other staff, and 409 when it has ended.
    """
    task = await read_task(conn, code, caller, lock=lock)
    if caller.unit != task.unit or not caller.has(*UNIT_STAFF):
        raise Problem(NOT_PERMITTED, extra={"by": [Party.LEAD_STAFF]})
    if task.ended:
        raise Problem(TASK_ENDED)
    return task


async def task_at_work(conn: AsyncConnection, code: str, caller: Principal, *, lock: bool = True) -> Task:
    """The same of a task that is not reported: what was reported changes no more. Raises 409 as well."""
    task = await led_task(conn, code, caller, lock=lock)
    if task.reported:
        raise Problem(TASK_REPORTED)
    return task


async def steps_of(conn: AsyncConnection, task_id: int) -> list[TaskStep]:
    """Its steps that stand, in their order."""
    columns = [task_steps.c[name] for name in TaskStep.__struct_fields__]
    query = select(*columns).where(task_steps.c.task_id == task_id, task_steps.c.removed_at.is_(None))
    return records(await conn.execute(query.order_by(task_steps.c.position)), TaskStep)


async def work_on(conn: AsyncConnection, task_id: int) -> Work:
    """All that a reader of the task is shown of the work on it."""
    s, e, p = task_steps.c, task_evidence.c, task_progress_reports.c
    standing = and_(e.task_id == task_id, e.removed_at.is_(None))
    unanswered = and_(p.task_id == task_id, p.obstacles.is_not(None), p.answered_at.is_(None))
    counts = select(
        select(func.count()).where(standing).scalar_subquery().label("evidence"),
        select(p.percent).where(p.task_id == task_id).order_by(p.id.desc()).limit(1).scalar_subquery().label("percent"),
        select(func.count()).where(unanswered).scalar_subquery().label("unanswered"),
        or_(
            exists().where(s.task_id == task_id),
            exists().where(e.task_id == task_id),
            exists().where(p.task_id == task_id),
        ).label("begun"),
    )
    found = (await conn.execute(counts)).one()
    steps = await steps_of(conn, task_id) if found.begun else []
    return Work(steps, found.evidence, found.percent, found.unanswered, found.begun)
