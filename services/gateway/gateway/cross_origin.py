"""Pages of other origins: which may call, what they may send and read, and how the others are refused."""

from collections.abc import Sequence
from typing import Final

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp

from cchc_shared.http import kinds
from cchc_shared.http.problems import Problem, problem_response

ASKED: Final = (
    *("Authorization", "Content-Type", "Accept-Language", "Idempotency-Key", "If-Match", "If-None-Match"),
    *("X-Tracking-Secret", "X-Request-Id", "traceparent", "X-Client", "Last-Event-ID"),
    *("Tus-Resumable", "Upload-Length", "Upload-Metadata", "Upload-Offset"),
)
ANSWERED: Final = (
    *("Content-Language", "ETag", "Location", "Retry-After", "WWW-Authenticate", "X-Request-Id", "traceparent"),
    *("Content-Disposition", "Content-Location", "Tus-Extension", "Tus-Max-Size", "Tus-Resumable", "Tus-Version"),
    *("RateLimit", "RateLimit-Policy", "Deprecation", "Sunset", "Link"),
    *("Upload-Expires", "Upload-Length", "Upload-Offset"),
)
"""Headers that pages of other origins may send and read."""

_REFUSED: Final = Problem(
    kinds.BAD_REQUEST,
    vi="Trang của nguồn này không được gọi như vậy: xem nguồn, phương thức và các tiêu đề được phép.",
    en="A page of this origin may not call like that: look at the origins, methods and headers that are allowed.",
    headers={"Cache-Control": "no-store"},
)


class CrossOrigin(CORSMiddleware):
    """Answers what browsers ask before they let a page call. Tokens travel in a header: no cookie is asked for."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=ASKED,
            expose_headers=ANSWERED,
            max_age=600,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        answer = super().preflight_response(request_headers)
        if answer.status_code < 400:
            return answer
        refusal = problem_response(_REFUSED, request_headers.get("accept-language"))
        for name, value in answer.headers.items():
            if name.startswith("access-control-"):
                refusal.headers[name] = value
        refusal.headers.add_vary_header("Origin")
        return refusal
