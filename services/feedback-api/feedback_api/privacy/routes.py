"""Contact data, who read them, and the rights of the person they speak of."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import IfMatch, show_version
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.http.tracking import TrackingSecret
from cchc_shared.service.context import use
from feedback_api.privacy.problems import PERSONAL_DATA_FORBIDDEN, SEAL_UNREADABLE
from feedback_api.privacy.schemas import (
    AccessQuery,
    ContactAccessPage,
    MyDataQuery,
    PersonalData,
    PersonalDataPage,
    ReporterQuery,
    ReporterVersion,
)
from feedback_api.privacy.service import Asked, Change, Privacy
from feedback_api.reports.contacts import Contact
from feedback_api.reports.schemas import AnyCaller, Code, ReporterIn, ReporterOut

router = APIRouter(prefix="/v1", tags=["privacy"])

Service = Annotated[Privacy, use(Privacy)]
CitizenCaller = Annotated[Principal, allow(Role.CITIZEN)]
FORBIDDEN = may_answer(PERSONAL_DATA_FORBIDDEN)
READING = may_answer(PERSONAL_DATA_FORBIDDEN, SEAL_UNREADABLE)


@router.get(
    "/feedback/{code}/reporter",
    summary="Read who sent a report",
    operation_id="privacy.reporter",
    responses=READING | NOT_MODIFIED,
)
async def reporter(
    code: Code,
    caller: AnyCaller,
    service: Service,
    query: Annotated[ReporterQuery, Query()],
    request: Request,
    response: Response,
    secret: TrackingSecret = None,
) -> ReporterOut:
    """Shows the contact data to staff of the unit that holds the report, unless the sender is anonymous, and to the
    sender. Each reading is written down before the answer, with role, unit and purpose."""
    found = await service.reporter(code, Asked(caller, secret), query.purpose)
    show_version(request, response, found.version)
    return found.reporter


@router.put(
    "/feedback/{code}/reporter",
    response_model=ReporterVersion,
    summary="Correct contact data",
    operation_id="privacy.correct",
    responses=READING,
)
async def correct(
    code: Code,
    caller: AnyCaller,
    service: Service,
    request: Request,
    body: ReporterIn,
    seen: IfMatch,
    key: IdempotencyKey = None,
    secret: TrackingSecret = None,
) -> Response:
    """The sender replaces the contact data. What they were before is not kept. `If-Match` takes the ETag of the contact
    data; it is `"0"` where none were left."""
    change = Change(Asked(caller, secret), key, await request_digest(request))
    return respond(await service.correct(code, change, seen, Contact(**body.model_dump())))


@router.post(
    "/feedback/{code}/anonymize",
    response_model=ReporterVersion,
    summary="Become anonymous",
    operation_id="privacy.anonymize",
    responses=READING,
)
async def anonymize(
    code: Code,
    caller: AnyCaller,
    service: Service,
    request: Request,
    key: IdempotencyKey = None,
    secret: TrackingSecret = None,
) -> Response:
    """From now on no official sees who sent the report. The sender still reads it, and may take this back by a
    correction."""
    change = Change(Asked(caller, secret), key, await request_digest(request))
    return respond(await service.anonymize(code, change))


@router.get(
    "/feedback/{code}/contact-accesses",
    summary="Read who has read the contact data",
    response_model_exclude_unset=True,
    operation_id="privacy.contact_accesses",
    responses=FORBIDDEN,
)
async def contact_accesses(
    code: Code,
    caller: AnyCaller,
    service: Service,
    query: Annotated[AccessQuery, Query()],
    secret: TrackingSecret = None,
) -> ContactAccessPage:
    """Lists all accesses to the contact data, newest first, to the co-ordinator, to inspectors and to the sender, who
    sees roles and units, and not the persons."""
    return await service.accesses(code, Asked(caller, secret), query)


@router.get(
    "/feedback/{code}/my-data",
    summary="Read all that is kept of a report of yours",
    response_model_exclude_unset=True,
    operation_id="privacy.my_data",
    responses=READING,
)
async def my_data(code: Code, caller: AnyCaller, service: Service, secret: TrackingSecret = None) -> PersonalData:
    """Gives the sender all that is kept of the report and of its sender, for a copy or for another service."""
    return await service.my_data(code, Asked(caller, secret))


@router.get(
    "/me/data",
    summary="Read all that is kept of your reports",
    response_model_exclude_unset=True,
    operation_id="privacy.all_my_data",
    responses=may_answer(SEAL_UNREADABLE),
)
async def all_my_data(
    caller: CitizenCaller, service: Service, query: Annotated[MyDataQuery, Query()]
) -> PersonalDataPage:
    """Gives a citizen the same of all reports that were sent with their token, newest first."""
    return await service.all_my_data(caller, query)
