"""Errors as RFC 9457 problem documents, in Vietnamese or English as the caller asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope
from structlog import get_logger

from cchc_shared.contract.rules import RuleBroken
from cchc_shared.http import kinds
from cchc_shared.http.field_errors import FieldError, field_error, field_path
from cchc_shared.http.kinds import Kind
from cchc_shared.http.language import language_of

MEDIA_TYPE = "application/problem+json"
log = get_logger()


@dataclass(eq=False)
class Problem(Exception):
    """An error whose meaning the caller is told. `vi` and `en` are for people; absent, what its kind says."""

    kind: Kind
    vi: str = ""
    en: str = ""
    errors: Sequence[FieldError] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        return self.kind.status

    @property
    def code(self) -> str:
        return self.kind.code

    def document(self, language: str) -> dict[str, Any]:
        """The JSON object, in `vi` or `en`."""
        vietnamese = language == "vi"
        body: dict[str, Any] = {
            "type": f"urn:cchc:problem:{self.code}",
            "title": self.kind.title.vi if vietnamese else self.kind.title.en,
            "status": self.status,
            "code": self.code,
            "detail": (self.vi or self.kind.says.vi) if vietnamese else (self.en or self.kind.says.en),
        }
        if self.errors:
            body["errors"] = [
                {
                    "field": error.field,
                    "message": error.vi if vietnamese else error.en,
                    **({} if error.row is None else {"row": error.row}),
                }
                for error in self.errors
            ]
        return {**self.extra, **body}


def problem_response(problem: Problem, accept_language: str | None) -> Response:
    """The problem as an HTTP response."""
    language = language_of(accept_language)
    headers = {"Content-Language": language, "Vary": "Accept-Language", **problem.headers}
    return Response(
        msgspec.json.encode(problem.document(language)),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def not_found(what_vi: str = "tài nguyên", what_en: str = "the resource") -> Problem:
    """404: it does not exist, or the caller may not know that it does."""
    return Problem(kinds.NOT_FOUND, vi=f"Không tìm thấy {what_vi}.", en=f"Cannot find {what_en}.")


def out_of_scope(**what: str) -> Problem:
    """403: a connected system may not do this; `what` it is that its scope lacks."""
    return Problem(kinds.OUT_OF_SCOPE, extra=what)


def overloaded(retry_after: int = 1) -> Problem:
    """503: more is waiting than can be served in time."""
    return Problem(kinds.OVERLOADED, headers={"Retry-After": str(retry_after)})


FULL: Final = (b"x-queue", b"full")
"""A header that tells the gateway that the service, and not what this one request asks for, has as much as it can take.
It passes it on to nobody."""


def full() -> Problem:
    """The same, where the whole service has no room: the gateway sends fewer requests then."""
    name, value = (each.decode("ascii") for each in FULL)
    return Problem(kinds.OVERLOADED, headers={"Retry-After": "1", name: value})


def invalid(errors: Sequence[FieldError]) -> Problem:
    """422: the request is understood, and some of its fields are wrong."""
    fields = ", ".join(error.field for error in errors[:5])
    return Problem(kinds.INVALID, vi=f"Dữ liệu không hợp lệ: {fields}.", en=f"Invalid data: {fields}.", errors=errors)


def unreadable(error: FieldError) -> Problem:
    """400: the body is not written in the form that it is said to have."""
    return Problem(kinds.BAD_REQUEST, errors=[error])


def too_large(most: int, field: str = "body.file") -> Problem:
    """413: with the field, and how many bytes are taken."""
    bound = f"{most:,}".replace(",", ".")
    return Problem(
        kinds.CONTENT_TOO_LARGE,
        errors=[FieldError(field, f"lớn hơn {bound} byte", f"is larger than {most:,} bytes")],
        extra={"most_bytes": most},
    )


def unsupported_media_type(accepted: str) -> Problem:
    """415: the body is written in another form than the route reads."""
    return Problem(kinds.UNSUPPORTED_MEDIA_TYPE, extra={"accepted": accepted})


_NO_UTF_8: Final = FieldError("body", "không phải UTF-8 hợp lệ", "is not valid UTF-8")
_BY_STATUS: Final = {
    known.status: known
    for known in (
        kinds.BAD_REQUEST,
        kinds.UNAUTHENTICATED,
        kinds.FORBIDDEN,
        kinds.NOT_FOUND,
        kinds.METHOD_NOT_ALLOWED,
        kinds.REQUEST_TIMEOUT,
        kinds.CONTENT_TOO_LARGE,
        kinds.UNSUPPORTED_MEDIA_TYPE,
    )
}


def _from_http(error: HTTPException) -> Problem:
    """What the framework itself raises."""
    return Problem(_BY_STATUS.get(error.status_code, kinds.BAD_REQUEST), headers=dict(error.headers or {}))


def _from_validation(found: Sequence[ErrorDetails]) -> Problem:
    if any(error["type"] == "missing" and tuple(error["loc"]) == ("header", "If-Match") for error in found):
        # The contract requires the header, and its absence has a status of its own (RFC 6585).
        return Problem(kinds.IF_MATCH_REQUIRED)
    if found[0]["type"] == "json_invalid":
        return unreadable(field_error(found[0]))
    return invalid([field_error(error) for error in found])


Explain = Callable[[Exception], Problem | None]
"""Says what an error means to the caller; None when it means nothing but a fault of ours."""


def as_problem(error: Exception, explanations: Mapping[type[Exception], Explain]) -> Problem:
    """What an error means to the caller: a problem of its own, an explained one, or 500.

    `explanations` are for errors that HTTP knows nothing of, by their class.
    """
    for of, explain in explanations.items():
        if isinstance(error, of) and (problem := explain(error)) is not None:
            return problem
    return _as_problem(error)


def install(app: FastAPI, explanations: Mapping[type[Exception], Explain]) -> None:
    """Turn every error of the application into a problem document, the unforeseen ones included."""

    async def answer(request: Request, error: Exception) -> Response:
        problem = as_problem(error, explanations)
        if problem.kind is kinds.METHOD_NOT_ALLOWED:
            problem.headers = {"Allow": _methods(app, request.scope)}
        return problem_response(problem, request.headers.get("accept-language"))

    for of in (Problem, RuleBroken, HTTPException, RequestValidationError, *explanations, Exception):
        app.add_exception_handler(of, answer)


def _methods(app: FastAPI, scope: Scope) -> str:
    """What the path of a request takes. The framework names the methods of one route, and each method is one."""
    found: set[str] = set()
    for route in iter_route_contexts(app.routes):
        if route.matches(scope)[0] is not Match.NONE:
            found |= route.methods or set()
    return ", ".join(sorted(found | {"HEAD"} if "GET" in found else found))


def _as_problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case HTTPException() if isinstance(error.__cause__, UnicodeDecodeError):
            return unreadable(_NO_UTF_8)
        case HTTPException():
            return _from_http(error)
        case RuleBroken():
            return invalid(
                [
                    FieldError(
                        field_path("body", *filter(None, error.field.split("."))), error.message.vi, error.message.en
                    )
                ]
            )
        case RequestValidationError():
            return _from_validation(error.errors())
    log.error("unforeseen", exc_info=error)
    return Problem(kinds.INTERNAL)
