"""Route of progress."""

from typing import Annotated

from fastapi import APIRouter, Query

from cchc_shared.http.access import Principal, allow
from cchc_shared.http.language import AcceptLanguage, language_of
from cchc_shared.service.context import use
from cchc_shared.service.exports import export
from tasks_api.progress.schemas import ProgressQuery, ProgressTable
from tasks_api.progress.service import ProgressReader
from tasks_api.progress.sheets import PROGRESS
from tasks_api.tasks.access import OFFICIALS

router = APIRouter(prefix="/v1/progress", tags=["progress"])

Service = Annotated[ProgressReader, use(ProgressReader)]
StaffCaller = Annotated[Principal, allow(*OFFICIALS)]


@router.get("", summary="Progress of tasks on any day", operation_id="progress.get")
async def get(
    service: Service,
    caller: StaffCaller,
    query: Annotated[ProgressQuery, Query()],
    accept_language: AcceptLanguage = None,
) -> ProgressTable:
    """Counts tasks as they stood on a past day, or will stand on a future day if nothing changes: by the unit that led
    them then, by plan, by the month of their last day, by the level that they come from, or by the role of a unit.

    Staff count the tasks that they see in the list; the offices that follow up, all tasks. By unit and role, a task
    that is done by its children (one of many units, a recurring one) counts as these; by plan, month and source it
    counts once, and child tasks do not. By role a task counts in each role that the unit has in it today; `total`
    counts it once."""
    return await service.table(query, caller, language_of(accept_language))


export(router, get, PROGRESS, resource="progress")
