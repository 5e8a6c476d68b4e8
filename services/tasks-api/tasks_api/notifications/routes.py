"""Routes of the inbox."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from cchc_shared.http.access import Principal, allow
from cchc_shared.http.answers import tagged
from cchc_shared.http.document import NOT_MODIFIED
from cchc_shared.service.context import use
from tasks_api.notifications import access
from tasks_api.notifications.schemas import NotificationOut, NotificationPage, NotificationQuery
from tasks_api.notifications.service import Inbox

router = APIRouter(prefix="/v1/notifications", tags=["notifications"])

Service = Annotated[Inbox, use(Inbox)]
NotifiedCaller = Annotated[Principal, allow(*access.NOTIFIED)]


@router.get(
    "",
    summary="List my notifications",
    operation_id="notifications.list",
    response_model=NotificationPage,
    responses=NOT_MODIFIED,
)
async def list_(inbox: Service, caller: NotifiedCaller, query: Annotated[NotificationQuery, Query()]) -> Response:
    """Lists what the caller is told, newest first: what is addressed to their unit in one of their roles. Co-ordinators
    of the city read what the city's office is told."""
    return tagged(await inbox.page(query, caller))


@router.post("/{id}/actions/read", summary="Mark a notification as read", operation_id="notifications.read")
async def read(
    inbox: Service, caller: NotifiedCaller, id_: Annotated[int, Path(alias="id", ge=1, lt=1 << 63)]
) -> NotificationOut:
    """The caller has read the notification. Others who were told the same have not; again changes nothing."""
    return await inbox.read(id_, caller)
