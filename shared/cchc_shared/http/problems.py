"""Errors as RFC 9457 problem documents, in Vietnamese or English as the caller asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.responses import Response
from structlog import get_logger

from cchc_shared.contract.rules import RuleBroken

MEDIA_TYPE = "application/problem+json"
log = get_logger()


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field (`body.location.lat`, `query.from`), or with a row of a file."""

    field: str
    vi: str
    en: str
    row: int | None = None


@dataclass(eq=False)
class Problem(Exception):
    """An error whose meaning the caller is told. `code` is stable; `vi` and `en` are for people."""

    status: int
    code: str
    vi: str
    en: str
    errors: Sequence[FieldError] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def document(self, language: str) -> dict[str, Any]:
        """The JSON object, in `vi` or `en`."""
        body: dict[str, Any] = {
            "type": f"urn:cchc:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.vi if language == "vi" else self.en,
        }
        if self.errors:
            body["errors"] = [
                {
                    "field": error.field,
                    "message": error.vi if language == "vi" else error.en,
                    **({} if error.row is None else {"row": error.row}),
                }
                for error in self.errors
            ]
        return {**self.extra, **body}


def language_of(accept_language: str | None) -> str:
    """`en` when the caller prefers English to Vietnamese, otherwise `vi`."""
    best, best_quality = "vi", 0.0
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower()[:2]
        try:
            quality = float(parameters.strip().removeprefix("q=")) if parameters else 1.0
        except ValueError:
            continue
        if language in {"vi", "en"} and quality > best_quality:
            best, best_quality = language, quality
    return best


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
    return Problem(404, "not-found", vi=f"Không tìm thấy {what_vi}.", en=f"Cannot find {what_en}.")


def overloaded(retry_after: int = 1) -> Problem:
    """503: more is waiting than can be served in time."""
    return Problem(
        503,
        "overloaded",
        vi="Hệ thống đang quá tải, hãy thử lại sau.",
        en="The service is overloaded; try again later.",
        headers={"Retry-After": str(retry_after)},
    )


# What pydantic finds, said to people. Types that are not listed keep pydantic's own English.
_MESSAGES: dict[str, tuple[str, str]] = {
    "missing": ("thiếu trường bắt buộc", "is required"),
    "extra_forbidden": ("trường không có trong hợp đồng", "is not a known field"),
    "json_invalid": ("nội dung không phải JSON hợp lệ", "is not valid JSON"),
    "string_type": ("phải là chuỗi ký tự", "must be a string"),
    "string_too_long": ("quá dài, tối đa {max_length} ký tự", "is longer than {max_length} characters"),
    "string_too_short": ("quá ngắn, tối thiểu {min_length} ký tự", "is shorter than {min_length} characters"),
    "string_pattern_mismatch": ("có ký tự không được phép", "has characters that are not allowed"),
    "string_unicode": ("không phải UTF-8 hợp lệ", "is not valid UTF-8"),
    "enum": ("phải là một trong: {expected}", "must be one of: {expected}"),
    "literal_error": ("phải là một trong: {expected}", "must be one of: {expected}"),
    "int_type": ("phải là số nguyên", "must be an integer"),
    "int_parsing": ("phải là số nguyên", "must be an integer"),
    "float_type": ("phải là số", "must be a number"),
    "float_parsing": ("phải là số", "must be a number"),
    "bool_type": ("phải là true hoặc false", "must be true or false"),
    "bool_parsing": ("phải là true hoặc false", "must be true or false"),
    "date_from_datetime_parsing": ("phải là ngày dạng YYYY-MM-DD", "must be a date, YYYY-MM-DD"),
    "date_parsing": ("phải là ngày dạng YYYY-MM-DD", "must be a date, YYYY-MM-DD"),
    "date_type": ("phải là ngày dạng YYYY-MM-DD", "must be a date, YYYY-MM-DD"),
    "datetime_parsing": ("phải là thời điểm RFC 3339", "must be an RFC 3339 date-time"),
    "datetime_from_date_parsing": ("phải là thời điểm RFC 3339", "must be an RFC 3339 date-time"),
    "datetime_type": ("phải là thời điểm RFC 3339", "must be an RFC 3339 date-time"),
    "timezone_aware": ("thời điểm phải có múi giờ", "must carry a time zone"),
    "list_type": ("phải là danh sách", "must be a list"),
    "dict_type": ("phải là đối tượng", "must be an object"),
    "model_attributes_type": ("phải là đối tượng JSON", "must be a JSON object"),
    "greater_than_equal": ("phải lớn hơn hoặc bằng {ge}", "must be at least {ge}"),
    "less_than_equal": ("phải nhỏ hơn hoặc bằng {le}", "must be at most {le}"),
    "greater_than": ("phải lớn hơn {gt}", "must be greater than {gt}"),
    "less_than": ("phải nhỏ hơn {lt}", "must be less than {lt}"),
    "too_long": ("có quá nhiều phần tử, tối đa {max_length}", "has more than {max_length} items"),
    "too_short": ("có quá ít phần tử, tối thiểu {min_length}", "has fewer than {min_length} items"),
    "finite_number": ("phải là số hữu hạn", "must be a finite number"),
    "value_error": ("không hợp lệ: {error}", "is not valid: {error}"),
}


def field_error(error: ErrorDetails | Mapping[str, Any]) -> FieldError:
    """One finding of pydantic as a field error."""
    vi, en = _MESSAGES.get(error["type"], ("giá trị không hợp lệ", str(error["msg"])))
    context = error.get("ctx", {})
    # A JSON error's location is an offset into the text, which names no field.
    location = ("body",) if error["type"] == "json_invalid" else error["loc"]
    return FieldError(".".join(str(part) for part in location), vi.format(**context), en.format(**context))


def invalid(errors: Sequence[FieldError]) -> Problem:
    """422: the request is understood, and some of its fields are wrong."""
    fields = ", ".join(error.field for error in errors[:5])
    return Problem(422, "invalid", vi=f"Dữ liệu không hợp lệ: {fields}.", en=f"Invalid data: {fields}.", errors=errors)


def _is_missing_if_match(error: ErrorDetails) -> bool:
    return error["type"] == "missing" and tuple(error["loc"]) == ("header", "If-Match")


def _if_match_required() -> Problem:
    """428 (RFC 6585): the contract requires the header, and its absence has a status of its own."""
    return Problem(
        428,
        "if-match-required",
        vi="Cần tiêu đề If-Match với ETag của bản đang thấy.",
        en="The header If-Match with the ETag you saw is required.",
    )


_HTTP_MESSAGES = {
    400: ("bad-request", "Yêu cầu không đọc được.", "The request cannot be read."),
    401: ("unauthenticated", "Cần đăng nhập.", "Authentication is required."),
    403: ("forbidden", "Bạn không có quyền làm việc này.", "You may not do this."),
    404: ("not-found", "Không có đường dẫn này.", "There is no such path."),
    405: ("method-not-allowed", "Đường dẫn này không nhận phương thức đó.", "This path does not take that method."),
    413: ("content-too-large", "Nội dung gửi lên quá lớn.", "The request body is too large."),
    415: ("unsupported-media-type", "Không nhận kiểu nội dung này.", "This content type is not accepted."),
}


def _from_http(error: HTTPException) -> Problem:
    code, vi, en = _HTTP_MESSAGES.get(error.status_code, ("error", "Có lỗi.", str(error.detail)))
    return Problem(error.status_code, code, vi=vi, en=en, headers=dict(error.headers or {}))


Explain = Callable[[Exception], Problem | None]
"""Says what an error means to the caller; None when it means nothing but a fault of ours."""


def as_problem(error: Exception, explanations: Mapping[type[Exception], Explain]) -> Problem:
    """What an error means to the caller: a problem of its own, an explained one, or 500.

    `explanations` are for errors that HTTP knows nothing of, by their class.
    """
    for kind, explain in explanations.items():
        if isinstance(error, kind) and (problem := explain(error)) is not None:
            return problem
    return _as_problem(error)


def install(app: FastAPI, explanations: Mapping[type[Exception], Explain]) -> None:
    """Turn every error of the application into a problem document, the unforeseen ones included."""

    async def answer(request: Request, error: Exception) -> Response:
        return problem_response(as_problem(error, explanations), request.headers.get("accept-language"))

    for kind in (Problem, RuleBroken, HTTPException, RequestValidationError, *explanations, Exception):
        app.add_exception_handler(kind, answer)


def _as_problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case HTTPException() if isinstance(error.__cause__, UnicodeDecodeError):
            return invalid([FieldError("body", "không phải UTF-8 hợp lệ", "is not valid UTF-8")])
        case HTTPException():
            return _from_http(error)
        case RuleBroken():
            return invalid([FieldError(f"body.{error.field}".rstrip("."), error.message.vi, error.message.en)])
        case RequestValidationError() if any(map(_is_missing_if_match, error.errors())):
            return _if_match_required()
        case RequestValidationError():
            return invalid([field_error(found) for found in error.errors()])
    log.error("unforeseen", exc_info=error)
    return Problem(500, "internal", vi="Hệ thống gặp lỗi ngoài dự kiến.", en="An unforeseen error happened.")
