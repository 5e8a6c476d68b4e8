"""The forwarder as one ASGI layer: paths that a service owns leave here, all others go on to the door's own routes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from cchc_shared.http.problems import Problem, problem_response
from gateway.forwarding import faults, heads
from gateway.forwarding.exchange import Exchange
from gateway.forwarding.table import OWNERS, prefix_of
from gateway.forwarding.upstream import Upstream

_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class ForwardedRoute:
    """What stands in `scope["route"]` of a forwarded request: metrics count by prefix, never by address."""

    path_format: str


_ROUTES: Final = {prefix: ForwardedRoute(prefix) for prefix in OWNERS}


class Forwarding:
    """`upstreams` by service name; a body larger than `max_body` is refused before it is read."""

    def __init__(self, app: ASGIApp, upstreams: Mapping[str, Upstream], max_body: int) -> None:
        self._app = app
        self._upstreams = upstreams
        self._max_body = max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        prefix = prefix_of(scope["path"]) if scope["type"] == "http" else None
        if prefix is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = _ROUTES[prefix]
        try:
            self._check(scope)
            await Exchange(scope, receive, send, self._upstreams[OWNERS[prefix]]).run()
        except Problem as problem:
            language = dict(scope["headers"]).get(b"accept-language", b"")
            await problem_response(problem, language.decode("latin-1"))(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        if heads.ambiguous(scope["raw_path"]):
            raise faults.bad_path()
        if scope["method"] not in _METHODS:
            raise faults.method_not_allowed()
        if int(dict(scope["headers"]).get(b"content-length", 0)) > self._max_body:
            raise faults.too_large()
