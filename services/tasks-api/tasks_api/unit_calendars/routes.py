"""Routes of the calendars of units, and of the links by which they are read."""

import hashlib
from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import etag
from cchc_shared.http.field_errors import pattern
from cchc_shared.http.kinds import NOT_FOUND
from cchc_shared.service.context import use
from cchc_shared.service.workflow import NOT_PERMITTED
from tasks_api.unit_calendars.problems import TOO_MANY_LINKS
from tasks_api.unit_calendars.schemas import (
    CalendarLinkIn,
    CalendarLinkMade,
    CalendarLinkOut,
    CalendarLinkPage,
    CalendarLinkQuery,
)
from tasks_api.unit_calendars.service import UnitCalendars
from tasks_api.units.schemas import CODE

router = APIRouter(prefix="/v1/units/{code}", tags=["calendars"])

SECRET = pattern(r"^[A-Za-z0-9_-]*$", vi="không phải mã bí mật của liên kết", en="is not the secret of a link")
Service = Annotated[UnitCalendars, use(UnitCalendars)]
Code = Annotated[str, Path(max_length=100, pattern=CODE)]
LinkId = Annotated[int, Path(ge=1, lt=1 << 63)]
Manager = Annotated[Principal, allow(Role.UNIT_HEAD, Role.COORDINATOR, Role.OPERATOR)]
MEDIA: Final = "text/calendar; charset=utf-8"
_KEPT: Final = "private, max-age=300"


@router.get(
    "/calendar.ics",
    summary="Read the calendar of a unit",
    operation_id="calendars.read",
    response_class=Response,
    responses={
        200: {"content": {"text/calendar": {"schema": {"type": "string"}}}},
        **NOT_MODIFIED,
        **may_answer(NOT_FOUND),
    },
)
async def read(
    calendars: Service,
    _: Annotated[Principal | None, public()],
    code: Code,
    secret: Annotated[str, Query(max_length=200, pattern=SECRET, description="As it stands in the link")],
) -> Response:
    """Gives the open tasks that the unit leads, on their last day, and the questions that it has to answer, as an
    iCalendar to which calendar programs subscribe. The secret of its link is all that they need."""
    content = await calendars.calendar(code, secret)
    headers = {
        "ETag": etag(hashlib.blake2b(content, digest_size=16).hexdigest()),
        "Cache-Control": _KEPT,
        "Content-Disposition": f'inline; filename="lich-{code}.ics"',
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
    }
    return Response(content, media_type=MEDIA, headers=headers)


@router.post(
    "/calendar-links",
    status_code=201,
    summary="Make a link to the calendar of a unit",
    operation_id="calendars.make_link",
    responses=may_answer(TOO_MANY_LINKS, NOT_PERMITTED),
)
async def make_link(calendars: Service, caller: Manager, code: Code, body: CalendarLinkIn) -> CalendarLinkMade:
    """Makes a link and shows it this once. Whoever has it reads the calendar, without a token, until it is revoked.
    There is no key for repetition, because the answer is not kept: a link whose answer was lost is revoked."""
    return await calendars.make_link(code, body.name, caller)


@router.get("/calendar-links", summary="List the links to the calendar of a unit", operation_id="calendars.links")
async def links(
    calendars: Service, caller: Manager, code: Code, query: Annotated[CalendarLinkQuery, Query()]
) -> CalendarLinkPage:
    """Lists the links, newest first, those that were revoked too. Their secrets are not kept."""
    return await calendars.links(code, query, caller)


@router.post(
    "/calendar-links/{link}/actions/revoke",
    summary="Revoke a link to the calendar of a unit",
    operation_id="calendars.revoke_link",
    responses=may_answer(NOT_PERMITTED),
)
async def revoke_link(calendars: Service, caller: Manager, code: Code, link: LinkId) -> CalendarLinkOut:
    """Makes the link open nothing any more. Revoked again, it stays as it is."""
    return await calendars.revoke(code, link, caller)
