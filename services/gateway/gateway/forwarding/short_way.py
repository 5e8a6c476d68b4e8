"""The short way: forwards a request that was received whole directly from the socket, without the layers.

It needs no task, no layer and no timer while it only waits for the answer. As soon as anything else happens, the layers
take over from that point: they report every fault, and the short way reports none.
"""

from collections.abc import Coroutine, Mapping
from typing import Any, Final

from starlette.types import Scope
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from cchc_shared.http.middleware import BEGAN, Observed, Places
from cchc_shared.service.app import Application
from cchc_shared.service.protocol import Turn
from gateway.api_keys.swap import KeySwap
from gateway.forwarding import heads
from gateway.forwarding.body import WHOLE
from gateway.forwarding.exchange import ASKED, Asked
from gateway.forwarding.watch import ExchangeWatch
from gateway.limits.limiter import COUNTED, Counted
from gateway.limits.middleware import Doorkeeper
from gateway.openapi.contracts import Contracts
from gateway.openapi.table import GATEWAY
from gateway.upstreams.connection import MAX_HEAD, Answer
from gateway.upstreams.upstream import Upstream

LONG_SECONDS: Final = 1.0
"""Who waits longer is waited for by the layers, which know every bound on time."""
_OF_PROXIES: Final = frozenset({b"x-forwarded-for", b"x-forwarded-proto"})


class ShortWay:
    """Takes what is plain and no larger than `most`. `trusted_peers` are believed as the server believes them."""

    def __init__(
        self,
        app: Application,
        contracts: Contracts,
        upstreams: Mapping[str, Upstream],
        watch: ExchangeWatch,
        *,
        most: int,
        trusted_peers: list[str],
        swap: KeySwap,
        doorkeeper: Doorkeeper | None,
    ) -> None:
        self._app = app
        self._contracts = contracts
        self._upstreams = upstreams
        self._watch = watch
        self._most = min(most, WHOLE)
        self._swap = swap
        self._doorkeeper = doorkeeper
        self._proxies: Any = ProxyHeadersMiddleware(_nothing, trusted_peers)

    def __call__(self, scope: Scope, body: bytes, turn: Turn) -> bool:
        """Pass it on if it is plain and a connection is at hand."""
        given = dict(scope["headers"])
        route = self._contracts.table.find(scope["path"]) if self._is_plain(scope, given, body) else None
        if route is None or route.service == GATEWAY:
            return False
        if not given.keys().isdisjoint(_OF_PROXIES):
            _run(self._proxies(scope, None, None))
        if not self._swap.at_once(scope, given):
            return False
        if self._doorkeeper is not None and not self._doorkeeper.admits_at_once(scope, given):
            return False
        scope["app"], scope["route"] = self._app, route
        observed = Observed(scope)
        identity = heads.request_id(given, observed.trace)
        upstream = self._upstreams[route.service]
        head = heads.request_head(
            scope,
            given,
            service=route.service,
            trace=observed.trace,
            identity=identity,
            framing=heads.length(body, given.get(b"content-length")),
            seconds=upstream.bounds.total_seconds,
        )
        caller = scope[COUNTED].caller.key if COUNTED in scope else ""
        at_hand = upstream.at_hand(caller, pressed=self._watch.pressed) if len(head) <= MAX_HEAD else None
        if at_hand is None:
            return False
        asked = Asked(
            upstream, route, *at_hand, caller, self._contracts.deprecations.headers(scope["method"], scope["path"])
        )
        passing = _Passing(observed, identity, turn, asked, self._app.places, self._watch)
        passing.begin(head + body)
        return True

    def _is_plain(self, scope: Scope, given: Mapping[bytes, bytes], body: bytes) -> bool:
        """Whether every layer would let it pass as it is."""
        path: str = scope["path"]
        return (
            len(body) <= self._most
            and scope["method"] != "HEAD"
            and scope["http_version"] == "1.1"
            and path.isascii()
            and "\0" not in path
            and b"%" not in scope["query_string"]
            and not heads.ambiguous(scope["raw_path"])
            and len(given) == len(scope["headers"])
            and b"host" in given
            and path not in self._contracts.table.staying_open  # the layers pass each piece on as it comes
            and b"origin" not in given  # pages of others are answered by a layer
            and self._app.places.free > 0
        )


class _Passing:
    """One request that was taken, until it is answered, handed over or given up by its caller."""

    __slots__ = ("_asked", "_began", "_identity", "_observed", "_places", "_turn", "_watch")

    def __init__(
        self, observed: Observed, identity: bytes, turn: Turn, asked: Asked, places: Places, watch: ExchangeWatch
    ) -> None:
        self._observed = observed
        self._identity = identity
        self._turn = turn
        self._asked = asked
        self._places = places
        self._watch = watch

    def begin(self, request: bytes) -> None:
        """Ask the service."""
        self._places.free -= 1
        self._began = self._watch.begin(self)
        self._turn.gone = self._gone
        connection = self._asked.connection
        connection.begin()
        connection.notify(self._progress)
        connection.write(request)

    def look(self, now: float) -> None:
        """Leave it to the layers once it takes long."""
        if now >= self._began + LONG_SECONDS:
            self._hand_over()

    def _progress(self) -> None:
        connection = self._asked.connection
        come = connection.come
        if come is not None:
            self._answer(*come)
        elif connection.closed or connection.held_back:
            self._hand_over()

    def _answer(self, answer: Answer, body: bytes) -> None:
        self._end()
        self._asked.give_back()
        self._asked.upstream.heard(answer)
        headers = heads.answer_headers(answer, self._identity)
        headers += self._asked.beyond
        counted: Counted | None = self._observed.scope.get(COUNTED)
        if counted is not None:
            headers += counted.headers
        self._observed.answer(answer.status, headers, body, self._observed.caller, self._turn.answer)

    def _hand_over(self) -> None:
        self._end()
        scope = self._observed.scope
        scope[BEGAN], scope[ASKED] = self._observed.began, self._asked
        # The service was told of this trace already.
        scope["headers"].append((b"traceparent", self._observed.trace.encode("ascii")))
        self._turn.hand_over()

    def _gone(self) -> None:
        self._end()
        self._asked.give_back()  # and it is closed, as its answer was not read
        self._observed.ended(self._observed.scope["method"], None, self._observed.caller)

    def _end(self) -> None:
        self._places.free += 1
        self._watch.end(self)
        self._asked.connection.notify(None)


def _run(prompt: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing."""
    try:
        prompt.send(None)
    except StopIteration:
        return
    raise RuntimeError("it waits")


async def _nothing(*_: object) -> None:
    """Stands behind the reading of who called."""
