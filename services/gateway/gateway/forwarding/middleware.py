"""The forwarder as one ASGI layer: requests for a service leave here, all others go on to the gateway's own routes."""

from collections.abc import Mapping
from typing import Final

from starlette.routing import Match
from starlette.types import ASGIApp, Receive, Scope, Send

from cchc_shared.http.problems import Problem, as_problem, problem_response
from cchc_shared.http.receiving import LARGEST
from gateway.api_keys.swap import OPENED, Opened, with_token
from gateway.forwarding import heads
from gateway.forwarding.exchange import ASKED, Asked, Exchange
from gateway.forwarding.watch import ExchangeWatch
from gateway.limits.limiter import COUNTED, Counted
from gateway.openapi.contracts import Contracts
from gateway.openapi.table import GATEWAY, Route
from gateway.upstreams import faults
from gateway.upstreams.upstream import Upstream

TESTS: Final = Route("tests", "tests")
"""Another installation: `tests` among the upstreams."""


class Forwarding:
    """`upstreams` by service name; a body larger than `max_body` is refused before it is read, or than `max_upload`
    where the contract says that an operation takes files. What came with a test key goes to
    the one that `TESTS` names, whatever its path."""

    def __init__(
        self,
        app: ASGIApp,
        contracts: Contracts,
        upstreams: Mapping[str, Upstream],
        watch: ExchangeWatch,
        *,
        max_body: int,
        max_upload: int,
    ) -> None:
        self._app = app
        self._contracts = contracts
        self._upstreams = upstreams
        self._max_body = max_body
        self._max_upload = max_upload
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange: Exchange | None = None
        try:
            asked: Asked | None = scope.get(ASKED)
            opened: Opened = scope.get(OPENED)
            if isinstance(opened, Problem):
                raise opened
            if opened is None:
                found = asked.route if asked is not None else self._contracts.table.find(scope["path"])
                route = found or await self._find_later(scope)
            else:
                with_token(scope, opened)
                route = TESTS
            forwarded = route is not None and route.service != GATEWAY
            if route is not None and forwarded:
                scope["route"] = route
                given = dict(scope["headers"])
                self._check(scope, given)
                beyond = self._contracts.deprecations.headers(scope["method"], scope["path"])
                upstream = self._upstreams[route.service]
                exchange = Exchange(scope, given, receive, send, upstream, self._watch, asked, _caller(scope), beyond)
                await exchange.run()
        except Exception as error:
            if exchange is not None and exchange.begun:
                raise
            language = dict(scope["headers"]).get(b"accept-language", b"")
            await problem_response(as_problem(error, {}), language.decode("latin-1"))(scope, receive, send)
            return
        if not forwarded:
            await self._app(scope, receive, send)

    async def _find_later(self, scope: Scope) -> Route | None:
        """The route once every contract is known. Raises a 503 problem: while one is missing, 404 could be wrong."""
        if not self._contracts.missing or _answered_here(scope):
            return None
        route = await self._contracts.find(scope["path"])
        if route is None and self._contracts.missing:
            raise faults.unavailable(", ".join(self._contracts.missing))
        return route

    def _check(self, scope: Scope, given: Mapping[bytes, bytes]) -> None:
        if heads.ambiguous(scope["raw_path"]):
            raise faults.invalid_path()
        most = self._max_body
        if self._contracts.table.takes_large(scope["method"], scope["path"]):
            most = scope[LARGEST] = max(most, self._max_upload)
        if int(given.get(b"content-length", 0)) > most:
            raise faults.too_large()


def _caller(scope: Scope) -> str:
    counted: Counted | None = scope.get(COUNTED)
    return "" if counted is None else counted.caller.key


def _answered_here(scope: Scope) -> bool:
    """Whether the gateway itself has a route for the path."""
    return any(route.matches(scope)[0] is not Match.NONE for route in scope["app"].routes)
