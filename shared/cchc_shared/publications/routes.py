"""The monthly publication: for everyone to read, for the co-ordinator to correct, for units to hang."""

import base64
from typing import Annotated, Any, Final, NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from cchc_shared.calendar.months import Month
from cchc_shared.contract.codes import UNIT_STAFF, Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.document import NOT_MODIFIED, may_answer
from cchc_shared.http.etag import show_version
from cchc_shared.http.idempotency import IdempotencyKey, request_digest, respond
from cchc_shared.publications.formats import MEDIA, Written, asked_for
from cchc_shared.publications.problems import MONTH_STILL_OPEN, NOT_PUBLISHED, NOTHING_TO_CORRECT
from cchc_shared.publications.schemas import (
    Accept,
    Correction,
    CorrectionIn,
    Form,
    MonthOf,
    PostingIn,
    PostingOut,
    PostingPage,
    PostingsQuery,
    Publication,
    PublishedMonthsOut,
    UnitOf,
    VersionQuery,
)
from cchc_shared.publications.service import Publications
from cchc_shared.service.context import use

Service = Annotated[Publications, use(Publications)]
Anybody = Annotated[Principal | None, public()]
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


class Contract(NamedTuple):
    """How a service's publication stands in its contract: its address, the first word of its operations, the area, the
    models of a sheet and of a correction, and what is said of the sheets of the city and of units."""

    path: str
    operations: str
    tag: str
    publication: type[Publication]
    correction: type[Correction]
    of_city: str
    of_unit: str


def publication_router(of: Contract) -> APIRouter:
    """The routes of a service's publication."""
    router = APIRouter(prefix=of.path, tags=[of.tag])
    _add_months(router, of)
    _add_forms(router, of)
    _add_pages(router, of)
    _add_correction(router, of)
    _add_postings(router, of)
    return router


def _add_months(router: APIRouter, of: Contract) -> None:
    @router.get(
        "",
        summary="List the published months",
        operation_id=f"{of.operations}.months",
        response_model=PublishedMonthsOut,
        responses={200: {"content": {"text/html": _TEXT}}},
    )
    async def months(_: Anybody, service: Service, accept: Accept = None) -> Response:
        """Lists the months with their versions, the newest first. A browser, which asks for `text/html`, gets a
        page."""
        found = await service.months()
        if asked_for(accept, "json") == "html":
            answer: Response = HTMLResponse(service.pages.months(found), headers=_of_a_page(service))
        else:
            answer = Response(found.model_dump_json(), media_type=MEDIA["json"])
        answer.headers.update({"Vary": "Accept", "Cache-Control": READ_FOR})
        return answer


def _add_forms(router: APIRouter, of: Contract) -> None:
    @router.get(
        "/{month}.{form}",
        summary="Read a month in one form",
        operation_id=f"{of.operations}.read",
        description=of.of_city,
        response_model=of.publication,
        responses=FORMS,
    )
    async def read(
        month: MonthOf, form: Form, _: Anybody, service: Service, query: Version, request: Request
    ) -> Response:
        return await _sheet(service, request, form, month, None, query)

    @router.get(
        "/{month}/units/{unit}.{form}",
        summary="Read a month of one unit in one form",
        operation_id=f"{of.operations}.read_unit",
        description=of.of_unit,
        response_model=of.publication,
        responses=FORMS,
    )
    async def read_unit(
        month: MonthOf, unit: UnitOf, form: Form, _: Anybody, service: Service, query: Version, request: Request
    ) -> Response:
        return await _sheet(service, request, form, month, unit, query)


def _add_pages(router: APIRouter, of: Contract) -> None:
    @router.get(
        "/{month}",
        summary="Read a month as a page",
        operation_id=f"{of.operations}.page",
        response_class=Response,
        responses=PAGE,
    )
    async def page(
        month: MonthOf, _: Anybody, service: Service, query: Version, request: Request, accept: Accept = None
    ) -> Response:
        """Gives the page, to be read or printed on one sheet of A4; or JSON or CSV, as under `.json` and `.csv`, where
        `Accept` asks for that."""
        return _chosen(await _sheet(service, request, asked_for(accept, "html"), month, None, query))

    @router.get(
        "/{month}/units/{unit}",
        summary="Read a month of one unit as a page",
        operation_id=f"{of.operations}.page_unit",
        response_class=Response,
        responses=PAGE,
    )
    async def page_unit(
        month: MonthOf,
        unit: UnitOf,
        _: Anybody,
        service: Service,
        query: Version,
        request: Request,
        accept: Accept = None,
    ) -> Response:
        """Gives the sheet of a unit as a page, for its own office to hang; or in another form that `Accept` asks
        for."""
        return _chosen(await _sheet(service, request, asked_for(accept, "html"), month, unit, query))


def _add_correction(router: APIRouter, of: Contract) -> None:
    @router.post(
        "/{month}/versions",
        status_code=201,
        summary="Publish a corrected version",
        operation_id=f"{of.operations}.correct",
        response_model=of.correction,
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
        """Counts the month anew by what was known at the end of yesterday, and publishes it as the next version, with
        what changed. Former versions stay. A month from before the city's rule has its first version made so."""
        return respond(await service.correct(Month.of(month), caller, body, key, await request_digest(request)))


def _add_postings(router: APIRouter, of: Contract) -> None:
    @router.post(
        "/{month}/postings",
        status_code=201,
        summary="Write down where a version hangs",
        operation_id=f"{of.operations}.post",
        response_model=PostingOut,
        responses=may_answer(NOT_PUBLISHED),
    )
    async def post(
        month: MonthOf,
        caller: StaffCaller,
        service: Service,
        request: Request,
        body: PostingIn,
        key: IdempotencyKey = None,
    ) -> Response:
        """Staff write down where their unit hung the sheet, and later that it came down. The last entry on the same
        version, place and day counts."""
        return respond(await service.post(Month.of(month), caller, body, key, await request_digest(request)))

    @router.get(
        "/{month}/postings",
        summary="List where a month hung",
        operation_id=f"{of.operations}.postings",
        responses=may_answer(NOT_PUBLISHED),
    )
    async def postings(
        month: MonthOf, _: Anybody, service: Service, query: Annotated[PostingsQuery, Query()]
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
        name = quote("-".join(filter(None, (service.wording.file, month, unit))))
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
