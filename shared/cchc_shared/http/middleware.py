"""One pure ASGI layer around every service: traces, metrics, logs, bounds, and what addresses and answers must be.

It is one, because it stands on the way of every request: each layer more costs another call for the request and two for
its answer.
"""

import os
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cchc_shared.contract.trace import caller, traceparent
from cchc_shared.http import access_log, kinds
from cchc_shared.http.answers import Header, dressed
from cchc_shared.http.events import HEAD_ONLY, stays_open
from cchc_shared.http.problems import Problem, overloaded, problem_response
from cchc_shared.http.receiving import BodyBounds, bounded
from cchc_shared.http.text import clean, clean_query

BEGAN: Final = "cchc.began"
"""In the scope of a request that was taken at once and goes on through the layers: when its head was there."""
METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
OTHER: Final = "other"
"""Stands for any other method, which callers may choose freely."""
UNMATCHED: Final = "unmatched"
"""Stands for the template where no route was found."""
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
    drawn = os.urandom(24).hex()
    return f"00-{drawn[:32]}-{drawn[32:]}-01"


@dataclass(slots=True)
class Places:
    """Number of further requests that may begin; below zero while refusals are being sent."""

    free: int


class Observed:
    """One request: its trace while it is at work, what its answer must carry, and what is told of it at its end."""

    __slots__ = ("_opened", "_seen", "began", "scope", "trace")

    def __init__(self, scope: Scope) -> None:
        self.began: float = scope.get(BEGAN) or time.perf_counter()
        self.scope = scope
        self._opened = 0.0
        self._seen = _seen(scope["headers"])
        self.trace = _continued(self._seen.trace)

    @property
    def hosts(self) -> int:
        """How many Host headers it has."""
        return self._seen.hosts

    @property
    def caller(self) -> str:
        """What is known of the caller before the token is read."""
        return "token" if self._seen.token else "anonymous"

    def dressed(self, status: int, headers: Iterable[Header]) -> tuple[int, list[Header]]:
        """Status and headers of its answer as they are sent."""
        status, sent = dressed(self.scope, status, headers, self._seen.tags)
        sent.append((b"traceparent", self.trace.encode("ascii")))
        if self.scope["app"].state.draining:  # so that no caller sends the next request into a closing connection
            sent.append((b"connection", b"close"))
        return status, sent

    def stays_open(self) -> None:
        """Its answer has begun and has no end of its own: it took until now, whenever it ends."""
        self._opened = time.perf_counter()

    def answer(
        self,
        status: int,
        headers: Iterable[Header],
        body: bytes,
        caller: str,
        send: Callable[[int, list[Header], bytes], None],
    ) -> None:
        """Answer with all of it, and tell of it."""
        status, sent = self.dressed(status, headers)
        send(status, sent, body if status != 304 else b"")
        self.ended(self.scope["method"], status, caller)

    def ended(self, method: str, status: int | None, caller: str) -> None:
        """Count it and write its line. `status` is None for a caller that hung up before it was answered."""
        took = (self._opened or time.perf_counter()) - self.began
        route = getattr(self.scope.get("route"), "path_format", UNMATCHED)
        _count(method, route, status or 500, took)
        if self.scope["path"] not in PROBES:
            access_log.write(method, route, status, took, self.trace, self._seen.request_id, caller)


class Conventions:
    """Continues or begins a trace, counts, times and logs by route template, bounds the work, cleans the address."""

    def __init__(self, app: ASGIApp, places: Places, body: BodyBounds) -> None:
        self.app = app
        self._places = places
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status: int | None = None
        # RFC 9110, 9.3.2: HEAD is answered as GET, without the body; nothing further in knows of it. 14.2: no range.
        head = scope["method"] == "HEAD"
        asked = {**scope, "method": "GET", "headers": _without_range(scope), HEAD_ONLY: True} if head else scope
        observed = Observed(asked)
        token = traceparent.set(observed.trace)
        caller.set(observed.caller)

        held = 1

        async def watch(message: Message) -> None:
            nonlocal status, held
            if message["type"] == "http.response.start":
                status, headers = observed.dressed(message["status"], message["headers"])
                if held and stays_open(headers):
                    # It waits more than it works. Whoever makes such answers bounds their number; requests keep theirs.
                    held = 0
                    self._places.free += 1
                    observed.stays_open()
                message = {**message, "status": status, "headers": headers}
            elif head or status == 304:
                message = {**message, "body": b""}
            await send(message)

        self._places.free -= 1
        try:
            refusal = self._refusal(scope, observed.hosts)
            if refusal is None:
                asked["path"] = clean(scope["path"])
                asked["query_string"] = clean_query(scope["query_string"])
                await self.app(asked, bounded(receive, self._body, asked), watch)
            else:
                await problem_response(refusal, _accept_language(scope))(scope, receive, watch)
        finally:
            self._places.free += held
            traceparent.reset(token)
            observed.ended(scope["method"], status, caller.get())

    def _refusal(self, scope: Scope, hosts: int) -> Problem | None:
        # What was taken at once has been asked of a service already.
        if self._places.free < 0 and scope["path"] not in PROBES and BEGAN not in scope:
            return overloaded()
        # RFC 9112, 3.2: with two names, or with none, proxies and servers may not mean the same place.
        if hosts > 1 or (hosts == 0 and scope["http_version"] == "1.1"):
            return Problem(kinds.INVALID_HOST)
        if "\0" in scope["path"]:
            return Problem(kinds.INVALID_PATH)
        return None


def _without_range(scope: Scope) -> list[Header]:
    return [header for header in scope["headers"] if header[0] != b"range"]


def log_unread(headers: Iterable[Header], method: str, status: int, began: float) -> str:
    """Count a request whose head was refused, and write its line; no layer met it. Returns its trace."""
    seen, took = _seen(headers), time.perf_counter() - began
    trace = _continued(seen.trace)
    _count(method, UNMATCHED, status, took)
    access_log.write(method, UNMATCHED, status, took, trace, seen.request_id, "token" if seen.token else "anonymous")
    return trace


def _continued(given: bytes) -> str:
    return given.decode("ascii") if _TRACEPARENT.match(given) else new_traceparent()


def _count(method: str, route: str, status: int, took: float) -> None:
    counted = method if method in METHODS else OTHER
    _requests(counted, route, status).inc()
    _seconds(counted, route).observe(took)


class _Seen(NamedTuple):
    """What this layer needs of a request's headers."""

    hosts: int
    """How many Host headers there are."""
    trace: bytes
    tags: bytes
    """Of the answers that the caller has."""
    request_id: bytes
    token: bool


def _seen(headers: Iterable[tuple[bytes, bytes]]) -> _Seen:
    hosts, trace, tags, request_id, token = 0, b"", b"", b"", False
    for name, value in headers:
        if name == b"host":
            hosts += 1
        elif name == b"traceparent":
            trace = value
        elif name == b"if-none-match":
            tags = tags + b"," + value if tags else value
        elif name == b"x-request-id":
            request_id = value
        elif name == b"authorization":
            token = True
    return _Seen(hosts, trace, tags, request_id, token)


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    return REQUESTS.labels(method, route, str(status))


@cache
def _seconds(method: str, route: str) -> Histogram:
    return SECONDS.labels(method, route)


PROBES: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Answered even by a process that refuses work, and not logged: machines ask every few seconds, and what they would
write hides what people did."""


def _accept_language(scope: Scope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), None)
