"""One pure ASGI layer around every service: traces, metrics, and bytes that no field may hold."""

import os
import re
import time
from functools import cache

from prometheus_client import Counter, Histogram
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cchc_shared.contract.trace import traceparent
from cchc_shared.http.problems import Problem, overloaded, problem_response

_TRACEPARENT = re.compile(rb"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")

REQUESTS = Counter("cchc_http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "cchc_http_request_seconds",
    "Time to the end of the answer",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


def new_traceparent() -> str:
    """A W3C trace context of a trace that begins here."""
    return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"


class Conventions:
    """Continues or begins a trace, counts and times by route template, bounds the work, refuses NUL in the address."""

    def __init__(self, app: ASGIApp, max_in_flight: int, max_body: int) -> None:
        self.app = app
        self._free = max_in_flight
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        given = next((value for name, value in scope["headers"] if name == b"traceparent"), b"")
        trace = given.decode("ascii") if _TRACEPARENT.match(given) else new_traceparent()
        token = traceparent.set(trace)

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                extra = [(b"traceparent", trace.encode("ascii"))]
                if scope["app"].state.draining:  # so that no caller sends the next request into a closing connection
                    extra.append((b"connection", b"close"))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        self._free -= 1
        try:
            refusal = self._refusal(scope)
            if refusal is None:
                await self.app(scope, _bounded(receive, self._max_body), watch)
            else:
                await problem_response(refusal, _accept_language(scope))(scope, receive, watch)
        finally:
            self._free += 1
            traceparent.reset(token)
            route = getattr(scope.get("route"), "path_format", "unmatched")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            _requests(method, route, status).inc()
            _seconds(method, route).observe(time.perf_counter() - started)

    def _refusal(self, scope: Scope) -> Problem | None:
        if self._free < 0 and scope["path"] not in _ALWAYS:
            return overloaded()
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            return Problem(
                400, "null-character", vi="Địa chỉ có ký tự NUL.", en="The address contains a NUL character."
            )
        return None


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, str(status))


@cache
def _seconds(method: str, route: str) -> Histogram:
    return SECONDS.labels(method, route)


def _bounded(receive: Receive, max_body: int) -> Receive:
    """A body is refused when it grows too large, whatever its Content-Length says."""
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > max_body:
            raise HTTPException(413)
        return message

    return take


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# An operator must be able to look at a process that refuses work.
_ALWAYS = frozenset({"/livez", "/readyz", "/metrics"})


def _accept_language(scope: Scope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), None)
