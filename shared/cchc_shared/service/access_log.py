"""One line in the log for each request: what was asked, what was answered, and by whom in kind only."""

import re
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog import get_logger

from cchc_shared.contract.trace import caller

log = get_logger()

PROBES: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every few seconds by machines: what they would write hides what people did."""
_REQUEST_ID: Final = re.compile(rb"[A-Za-z0-9._:/+=-]{1,128}")


class AccessLog:
    """The outermost layer of an application.

    It writes the template of the route, never the address: codes, and what stands behind a question mark, may lead to
    a person. The trace is that which the answer carries; `X-Request-Id` is the caller's, if it is well-formed, or the
    id of the trace.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status: int | None = None  # the caller hung up before it was answered
        trace = request_id = ""
        kind = "anonymous"
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _REQUEST_ID.fullmatch(value):
                request_id = value.decode("ascii")
            elif name == b"authorization":
                kind = "token"
        caller.set(kind)

        async def watch(message: Message) -> None:
            nonlocal status, trace
            if message["type"] == "http.response.start":
                status = message["status"]
                for name, value in message["headers"]:
                    if name == b"traceparent":
                        trace = value.decode("ascii")
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            trace_id = trace[3:35]
            log.info(
                "request",
                method=scope["method"],
                route=getattr(scope.get("route"), "path_format", "unmatched"),
                status=status,
                ms=round((time.perf_counter() - began) * 1000, 1),
                trace_id=trace_id,
                request_id=request_id or trace_id,
                caller=caller.get(),
            )
