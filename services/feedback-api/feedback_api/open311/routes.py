"""/open311/v2: GeoReport v2 with mySociety's updates. Errors are those of Open311, in the form that was asked for."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, cast
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.responses import PlainTextResponse

from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http.access import Principal, allow
from cchc_shared.http.foreign import ForeignRoute
from cchc_shared.http.language import AcceptLanguage, language_of
from cchc_shared.http.problems import MEDIA_TYPE, as_problem, not_found
from cchc_shared.http.schemas import NO_NUL
from cchc_shared.service.context import context_of, use
from cchc_shared.service.database_problems import EXPLANATIONS
from feedback_api.open311.formats import Format, written
from feedback_api.open311.forms import URLENCODED, fields_of
from feedback_api.open311.schemas import (
    CreatedOut,
    DiscoveryOut,
    ErrorOut,
    Extension,
    ExtensionsQuery,
    Open311ReportOut,
    RequestIn,
    RequestOut,
    RequestsQuery,
    ServiceDefinitionOut,
    ServiceOut,
    TokenOut,
    UpdateCreatedOut,
    UpdateIn,
    UpdateOut,
    UpdatesQuery,
)
from feedback_api.open311.service import GeoReport, Listed
from feedback_api.reports.access import READ_ALL
from feedback_api.reports.schemas import AnyCaller, Code
from feedback_api.settings import FeedbackSettings

PREFIX: Final = "/open311/v2"


class Open311Route(ForeignRoute):
    """A route whose errors are `errors/error{code, description}`."""

    def refusal(self, request: Request, error: Exception) -> Response:
        form: Format | None = request.path_params.get("format")
        if form not in ("xml", "json"):
            return _nothing()
        language = language_of(request.headers.get("accept-language"))
        status, errors, headers = _described(error, language)
        response = written(form, "errors", errors, status=status, language=language)
        response.headers.update(headers)
        return response


def _described(error: Exception, language: str) -> tuple[int, list[dict[str, Any]], Mapping[str, str]]:
    """Status, errors and headers. A wrong field is 400 here (GeoReport v2: any other error)."""
    if isinstance(error, RuleBroken):  # its field is named as the client sent it
        said = error.message.vi if language == "vi" else error.message.en
        return 400, [{"code": 400, "description": f"{error.field}: {said}"}], {}
    of_path = isinstance(error, RequestValidationError) and any(each["loc"][0] == "path" for each in error.errors())
    problem = not_found() if of_path else as_problem(error, EXPLANATIONS)
    status = 400 if problem.status == 422 else problem.status
    document = problem.document(language)
    wrong = [f"{_named(each['field'])}: {each['message']}" for each in document.get("errors", ())]
    return status, [{"code": status, "description": each} for each in wrong or [document["detail"]]], problem.headers


def _named(field: str) -> str:
    """The field as the client wrote it, without its place in a list."""
    return next(part for part in reversed(field.split(".")) if not part.isdigit())


_XML: Final[Mapping[str, Any]] = {"text/xml": {"schema": {}}}
_PROBLEM: Final = "#/components/schemas/ProblemDocument"
_BEFORE: Final = frozenset({400, 413, 503})
"""What may be said before a request comes to a route is said as everywhere in this API."""
_SAID: Final = {
    400: "A parameter is missing or wrong",
    401: "There is an `Authorization` header, and it proves nothing",
    403: "The `api_key` is missing or wrong",
    404: "There is no such service, request, token or form of answer; that of an unknown form is text/plain",
    408: "The body came too slowly",
    413: "The body is too large",
    415: "The body is no form",
    503: "The service cannot answer now; `Retry-After` says when to ask again",
}


def answers(*statuses: int, **also: Mapping[str, Any]) -> dict[int | str, Any]:
    """The `responses` of a route: each in both forms, and the errors that it may give. `also` are more of its own."""
    errors: dict[int | str, Any] = {
        status: {"description": _SAID[status], "model": list[ErrorOut], "content": dict(_XML)}
        for status in (*statuses, 503)
    }
    errors[404]["content"]["text/plain"] = {"schema": {"type": "string"}}
    for status in _BEFORE & errors.keys():
        errors[status]["content"][MEDIA_TYPE] = {"schema": {"$ref": _PROBLEM}}
    own: dict[int | str, Any] = {
        int(status.removeprefix("_")): {**each, "content": _XML} for status, each in also.items()
    }
    return {**(own or {200: {"content": _XML}}), **errors}


READING: Final = answers(400, 401, 404)
SENDING: Final = (400, 401, 403, 404, 408, 413, 415)


def _form_of(model: type[BaseModel]) -> dict[str, Any]:
    """A form in the contract: the fields of the model, with the key and attributes beside them."""
    schema = model.model_json_schema()
    ours = {"type": "string", "maxLength": 200}
    schema["properties"] |= {"api_key": ours, "jurisdiction_id": ours}
    schema["required"] = ["api_key", *schema["required"]]
    return {"requestBody": {"required": True, "content": {URLENCODED: {"schema": schema}}}}


router = APIRouter(prefix=PREFIX, tags=["open311"], route_class=Open311Route)
official_router = APIRouter(tags=["feedback"])
Service = Annotated[GeoReport, use(GeoReport)]
Token = Annotated[str, Path(max_length=200, pattern=NO_NUL)]
RequestId = Annotated[str, Path(max_length=100, pattern=NO_NUL)]
ServiceCode = Annotated[str, Path(max_length=60, pattern=NO_NUL)]


def _answer(
    form: Format,
    root: str,
    found: BaseModel | Sequence[BaseModel],
    accepted: str | None,
    status: int = 200,
) -> Response:
    content = (
        found.model_dump(exclude_unset=True)
        if isinstance(found, BaseModel)
        else [each.model_dump(exclude_unset=True) for each in found]
    )
    return written(form, root, content, status=status, language=language_of(accepted))


@router.get("/discovery.{format}", summary="Describe this interface", response_model=DiscoveryOut, responses=READING)
async def discovery(
    form: Extension, _: AnyCaller, service: Service, request: Request, accepted: AcceptLanguage = None
) -> Response:
    """Says where Open311 is served, in which forms, and who gives keys. One answer has a thousand requests at most. A
    period that is longer than 90 days is refused."""
    return _answer(form, "discovery", service.discovery(_here(request), language_of(accepted)), accepted)


@router.get("/services.{format}", summary="List the services", response_model=list[ServiceOut], responses=READING)
async def services(form: Extension, _: AnyCaller, service: Service, accepted: AcceptLanguage = None) -> Response:
    """Lists the categories that requests may have."""
    return _answer(form, "services", service.views.services(language_of(accepted)), accepted)


@router.get(
    "/services/{service_code}.{format}",
    summary="Read the attributes of a service",
    response_model=ServiceDefinitionOut,
    responses=READING,
)
async def definition(
    service_code: ServiceCode, form: Extension, _: AnyCaller, service: Service, accepted: AcceptLanguage = None
) -> Response:
    """Shows what a service asks for beside a place and a description."""
    return _answer(form, "service_definition", service.definition(service_code, language_of(accepted)), accepted)


@router.post(
    "/requests.{format}",
    summary="Send a request",
    response_model=list[CreatedOut],
    status_code=201,
    responses=answers(
        *SENDING,
        _200={"description": "The same client has sent this request before", "model": list[CreatedOut]},
        _201={},
    ),
    openapi_extra=_form_of(RequestIn),
)
async def submit(
    request: Request, form: Extension, _: AnyCaller, service: Service, accepted: AcceptLanguage = None
) -> Response:
    """Takes in a report; the answer is sent after it is stored. It needs an `api_key`, a `service_code` and a place.
    Attributes are sent as `attribute[code]`, several values as `attribute[code][]`. The form may also be
    multipart/form-data, without files.

    A client that sends the same `attribute[fixmystreet_id]` again gets the same request; without one, so does a client
    that sends the same form again, if it says who sends (`device_id`, `account_id`, `email` or `phone`)."""
    created = await service.submit(await fields_of(request), language_of(accepted))
    return _answer(form, "service_requests", [created.request], accepted, created.status)


@router.get(
    "/tokens/{token}.{format}",
    summary="Find the request of a token",
    response_model=list[TokenOut],
    responses=READING,
)
async def token(
    token: Token, form: Extension, _: AnyCaller, service: Service, accepted: AcceptLanguage = None
) -> Response:
    """Gives the id of the request that a token was given for. It is known as soon as there is a token."""
    return _answer(form, "service_requests", [await service.token(token)], accepted)


@router.get("/requests.{format}", summary="List requests", response_model=list[RequestOut], responses=READING)
async def requests(
    request: Request,
    form: Extension,
    _: AnyCaller,
    service: Service,
    query: Annotated[RequestsQuery, Query()],
    accepted: AcceptLanguage = None,
) -> Response:
    """Lists requests, newest first: those that came over Open311, and of other channels those that are published."""
    listed = await service.requests(query, language_of(accepted))
    answer = _answer(form, "service_requests", listed.requests, accepted)
    answer.headers.update(_paging(request, listed))
    return answer


@router.get(
    "/requests/{service_request_id}.{format}",
    summary="Read a request",
    response_model=list[RequestOut],
    responses=READING,
)
async def read(
    service_request_id: RequestId,
    form: Extension,
    _: AnyCaller,
    service: Service,
    query: Annotated[ExtensionsQuery, Query()],
    accepted: AcceptLanguage = None,
) -> Response:
    """Shows one request, as the list does."""
    found = await service.request(service_request_id, language_of(accepted), extended=query.extended)
    return _answer(form, "service_requests", [found], accepted)


@router.get(
    "/servicerequestupdates.{format}",
    summary="List updates of requests",
    response_model=list[UpdateOut],
    responses=READING,
)
async def updates(
    form: Extension,
    _: AnyCaller,
    service: Service,
    query: Annotated[UpdatesQuery, Query()],
    accepted: AcceptLanguage = None,
) -> Response:
    """Lists what happened to requests that everyone may see, oldest first (mySociety). An `update_id` never names
    another update. The text of an answer is given once it is published."""
    return _answer(form, "service_request_updates", await service.updates(query, language_of(accepted)), accepted)


@router.post(
    "/servicerequestupdates.{format}",
    summary="Send a remark on a request",
    response_model=list[UpdateCreatedOut],
    status_code=201,
    responses=answers(*SENDING, _201={}),
    openapi_extra=_form_of(UpdateIn),
)
async def remark(
    request: Request, form: Extension, _: AnyCaller, service: Service, accepted: AcceptLanguage = None
) -> Response:
    """Keeps a remark for the officials who handle the report (mySociety). It is not shown to others and changes
    nothing by itself. An `update_id` that the client has sent before is refused: it is kept already."""
    kept = await service.remark(await fields_of(request))
    return _answer(form, "service_request_updates", [kept], accepted, 201)


@router.api_route("/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False)
async def nothing(rest: str, _: AnyCaller) -> Response:
    """Whatever else is below: unknown forms of answers too."""
    return _nothing()


@official_router.get("/v1/feedback/{code}/open311", summary="Read what came with a report over Open311")
async def open311(
    code: Code, caller: Annotated[Principal, allow(*UNIT_STAFF, *READ_ALL)], service: Service
) -> Open311ReportOut:
    """Shows attributes, addresses of pictures, and later remarks to the officials of the report."""
    return await service.of_report(code, caller)


def _nothing() -> Response:
    return PlainTextResponse("Not found", 404)


def _here(request: Request) -> str:
    """The address of Open311 as its operator says, or else as this caller wrote it."""
    settings = cast("FeedbackSettings", context_of(request).settings)
    if settings.open311_url is not None:
        return str(settings.open311_url).rstrip("/")
    return f"{request.url.scheme}://{request.url.netloc}{PREFIX}"


def _paging(request: Request, listed: Listed) -> dict[str, str]:
    """The headers of 6aika, where pages are asked for."""
    if listed.total is None:
        return {}
    pages = -(-listed.total // listed.page_size)
    headers = {
        "X-Page-Count": str(pages),
        "X-Page-Size": str(listed.page_size),
        "X-Result-Count": str(listed.total),
    }
    if listed.page < pages:
        asked = {name: value for name, value in request.query_params.items() if name != "api_key"}
        query = urlencode(asked | {"page": str(listed.page + 1)})
        headers["X-Next-Page-URL"] = f"{_here(request)}{request.url.path.removeprefix(PREFIX)}?{query}"
    return headers
