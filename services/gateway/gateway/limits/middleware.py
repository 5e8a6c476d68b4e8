"""Limits as one ASGI layer, for what did not go the short way; and the same for what does."""

import time
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cchc_shared.http.middleware import PROBES
from cchc_shared.http.problems import Problem, problem_response
from gateway.limits.callers import Callers
from gateway.limits.clients import RetiredClients
from gateway.limits.limiter import COUNTED, Counted, Limiter


class Doorkeeper:
    """Decides on each request once: whom it counts for, and whether it may go on."""

    def __init__(self, callers: Callers, limiter: Limiter, retired: RetiredClients) -> None:
        self.callers = callers
        self.limiter = limiter
        self._retired = retired

    def admits_at_once(self, scope: Scope, given: Mapping[bytes, bytes]) -> bool:
        """Whether a request may go on as it is. One that may not, or whose token is new here, is for the layer."""
        if self._retired.refusal(given) is not None:
            return False
        now = time.monotonic()
        caller = self.callers.known(scope, given, now)
        if caller is None:
            return False
        counted = scope[COUNTED] = self.limiter.count(caller, scope["method"], scope["path"], now)
        return counted.standing.admitted

    async def decided(self, scope: Scope, given: Mapping[bytes, bytes]) -> Counted:
        """The request, counted now unless it was before."""
        before: Counted | None = scope.get(COUNTED)
        if before is not None:
            return before
        caller = self.callers.known(scope, given, time.monotonic()) or await self.callers.proven(scope, given)
        return self.limiter.count(caller, scope["method"], scope["path"], time.monotonic())

    def refusal(self, counted: Counted, given: Mapping[bytes, bytes]) -> Problem | None:
        """What a request is refused with, if it is."""
        return counted.refusal() or self._retired.refusal(given)


class Limits:
    """Refuses what is over its caller's limit, and puts how the caller stands on every answer."""

    def __init__(self, app: ASGIApp, doorkeeper: Doorkeeper) -> None:
        self._app = app
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in PROBES:
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"])
        counted = scope[COUNTED] = await self._doorkeeper.decided(scope, given)

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *counted.headers]
            await send(message)

        refusal = self._doorkeeper.refusal(counted, given)
        if refusal is None:
            await self._app(scope, receive, telling)
            return
        language = given.get(b"accept-language", b"").decode("latin-1")
        await problem_response(refusal, language)(scope, receive, telling)
