"""The monthly publication: for everyone to read, for the co-ordinator to correct, for units to hang."""

import base64
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from cchc_shared.calendar.months import Month
from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import show_version
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.service.context import use
from feedback_api.publications.formats import MEDIA, Written, asked_for
from feedback_api.publications.problems import MONTH_STILL_OPEN, NOT_PUBLISHED, NOTHING_TO_CORRECT
from feedback_api.publications.schemas import (
    Accept,
    CorrectionIn,
    CorrectionOut,
    Form,
    MonthOf,
    PostingIn,
    PostingOut,
    PostingPage,
    PostingsQuery,
    PublicationOut,
    PublishedMonthsOut,
    UnitOf,
    VersionQuery,
)
from feedback_api.publications.service import Publications
from feedback_api.reports.schemas import AnyCaller

router = APIRouter(prefix="/v1/publications/feedback", tags=["publications"])

Service = Annotated[Publications, use(Publications)]
Version = Annotated[VersionQuery, Query()]
CoordinatorCaller = Annotated[Principal, allow(Role.COORDINATOR)]
StaffCaller = Annotated[Principal, allow(*UNIT_STAFF)]

_TEXT: Final = {"schema": {"type": "string"}}
PAGE: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/html": _TEXT, "text/csv": _TEXT}},
    **may_answer(NOT_PUBLISHED),
}
FORMS: Final = PAGE | NOT_MODIFIED
READ_FOR: Final = "public, max-age=60"


@router.get(
    "",
    summary="List the published months",
    operation_id="publications.months",
    response_model=PublishedMonthsOut,
    responses={200: {"content": {"text/html": _TEXT}}},
)
async def months(_: AnyCaller, service: Service, accept: Accept = None) -> Response:
    """Lists the months with their versions, the newest first. A browser, which asks for `text/html`, gets a page."""
    found = await service.months()
    if asked_for(accept, "json") == "html":
        answer: Response = HTMLResponse(service.pages.months(found), headers=_of_a_page(service))
    else:
        answer = Response(found.model_dump_json(), media_type=MEDIA["json"])
    answer.headers.update({"Vary": "Accept", "Cache-Control": READ_FOR})
    return answer


@router.get(
    "/{month}.{form}",
    summary="Read a month in one form",
    operation_id="publications.read",
    response_model=PublicationOut,
    responses=FORMS,
)
async def read(
    month: MonthOf, form: Form, _: AnyCaller, service: Service, query: Version, request: Request
) -> Response:
    """Gives what was published of a month: as JSON, whose bytes are hashed; as CSV (UTF-8 with a byte order mark); or
    as the page. `as_of` and `known_at` asked of the statistics of reports give the same figures."""
    return await _sheet(service, request, form, month, None, query)


@router.get(
    "/{month}/units/{unit}.{form}",
    summary="Read a month of one unit in one form",
    operation_id="publications.read_unit",
    response_model=PublicationOut,
    responses=FORMS,
)
async def read_unit(
    month: MonthOf, unit: UnitOf, form: Form, _: AnyCaller, service: Service, query: Version, request: Request
) -> Response:
    """Gives the sheet of a unit, counted by the time that it had itself. Every unit of the month has one, with zeros
    if it received nothing."""
    return await _sheet(service, request, form, month, unit, query)


@router.get(
    "/{month}",
    summary="Read a month as a page",
    operation_id="publications.page",
    response_class=Response,
    responses=PAGE,
)
async def page(
    month: MonthOf, _: AnyCaller, service: Service, query: Version, request: Request, accept: Accept = None
) -> Response:
    """Gives the page, to be read or printed on one sheet of A4; or JSON or CSV, as under `.json` and `.csv`, where
    `Accept` asks for that."""
    return _chosen(await _sheet(service, request, asked_for(accept, "html"), month, None, query))


@router.get(
    "/{month}/units/{unit}",
    summary="Read a month of one unit as a page",
    operation_id="publications.page_unit",
    response_class=Response,
    responses=PAGE,
)
async def page_unit(
    month: MonthOf,
    unit: UnitOf,
    _: AnyCaller,
    service: Service,
    query: Version,
    request: Request,
    accept: Accept = None,
) -> Response:
    """Gives the sheet of a unit as a page, for its own office to hang; or in another form that `Accept` asks for."""
    return _chosen(await _sheet(service, request, asked_for(accept, "html"), month, unit, query))


@router.post(
    "/{month}/versions",
    status_code=201,
    summary="Publish a corrected version",
    operation_id="publications.correct",
    response_model=CorrectionOut,
    responses=may_answer(MONTH_STILL_OPEN, NOTHING_TO_CORRECT),
)
async def correct(
    month: MonthOf,
    caller: CoordinatorCaller,
    service: Service,
    request: Request,
    body: CorrectionIn,
    key: IdempotencyKey = None,
) -> Response:
    """Counts the month anew by what was known at the end of yesterday, and publishes it as the next version, with what
    changed. Former versions stay. A month from before the city's rule has its first version made so."""
    return respond(await service.correct(Month.of(month), caller, body, key, await request_digest(request)))


@router.post(
    "/{month}/postings",
    status_code=201,
    summary="Write down where a version hangs",
    operation_id="publications.post",
    response_model=PostingOut,
    responses=may_answer(NOT_PUBLISHED),
)
async def post(
    month: MonthOf, caller: StaffCaller, service: Service, request: Request, body: PostingIn, key: IdempotencyKey = None
) -> Response:
    """Staff write down where their unit hung the sheet, and later that it came down. The last entry on the same
    version, place and day counts."""
    return respond(await service.post(Month.of(month), caller, body, key, await request_digest(request)))


@router.get(
    "/{month}/postings",
    summary="List where a month hung",
    operation_id="publications.postings",
    responses=may_answer(NOT_PUBLISHED),
)
async def postings(
    month: MonthOf, _: AnyCaller, service: Service, query: Annotated[PostingsQuery, Query()]
) -> PostingPage:
    """Lists where the versions of a month hung, newest entry first."""
    return await service.postings(Month.of(month), query)


async def _sheet(
    service: Publications, request: Request, form: Written, month: str, unit: str | None, query: VersionQuery
) -> Response:
    body, published = await service.written(form, Month.of(month), unit, query.version)
    answer = Response(body, headers={"Content-Type": MEDIA[form], "Cache-Control": READ_FOR})
    if form == "html":
        answer.headers.update(_of_a_page(service))
    else:  # the page also shows where it hangs
        show_version(request, answer, f"{form} {published.sha256}")
    if form == "csv":
        name = quote("-".join(filter(None, ("phan-anh", month, unit))))
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    elif form == "json":
        digest = base64.b64encode(bytes.fromhex(published.sha256)).decode()
        answer.headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return answer


def _of_a_page(service: Publications) -> dict[str, str]:
    return {"Content-Security-Policy": service.pages.policy, "X-Content-Type-Options": "nosniff"}


def _chosen(answer: Response) -> Response:
    answer.headers["Vary"] = "Accept"
    return answer
