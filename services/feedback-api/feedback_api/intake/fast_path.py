"""Calls the use case of POST /v1/feedback directly from the server, without the framework.

This route is the busiest, and the framework's routing and dependencies take longer than the use case. A request that
was received whole and is correct is handled here. Every other request goes to the route unchanged; only the route
reports errors, and only the route is in the contract.
"""

import hashlib
import re
from typing import Final, NamedTuple, Self

from starlette.types import Scope

from cchc_shared.contract.trace import caller, traceparent
from cchc_shared.http.access import check_scope
from cchc_shared.http.deadline import in_time, seconds_left
from cchc_shared.http.idempotency import raw_headers
from cchc_shared.http.middleware import Observed
from cchc_shared.http.problems import as_problem, problem_response
from cchc_shared.http.tokens import Tokens
from cchc_shared.service.app import Application
from cchc_shared.service.context import Context
from cchc_shared.service.database_problems import EXPLANATIONS
from cchc_shared.service.protocol import Turn
from cchc_shared.storage.idempotency import Reply
from feedback_api.intake.routes import PATH, router
from feedback_api.intake.schemas import PlainReport, read_plain
from feedback_api.intake.service import Intake

_KEY: Final = re.compile(rb"[\x20-\x7e]{1,255}")
_BEARER: Final = re.compile(rb"Bearer ([A-Za-z0-9._~+/-]+=*)")
_REQUEST: Final = f"POST {PATH}\n".encode()
"""What `request_digest` puts before the body: a key must stand for the same request on either way."""
_UNREAD: Final = frozenset({b"content-encoding", b"if-match", b"if-none-match"})
"""What these headers mean for a report is for the route to say."""


class FastPath:
    """Takes what is plainly a report, and no larger than `most` bytes, at once."""

    def __init__(self, app: Application, most: int) -> None:
        self._app = app
        self._most = most

    def __call__(self, scope: Scope, body: bytes, turn: Turn) -> bool:
        """Begin to take it in."""
        headers = _Headers.plain(scope) if len(body) <= self._most and self._app.places.free > 0 else None
        report = None if headers is None else read_plain(body)
        if headers is None or report is None:
            return False
        scope["app"], scope["route"] = self._app, router.routes[0]  # metrics count by it
        self._app.places.free -= 1
        turn.work(self._answer(Observed(scope), headers, body, report, turn))
        return True

    async def _answer(
        self, observed: Observed, headers: "_Headers", body: bytes, report: PlainReport, turn: Turn
    ) -> None:
        traceparent.set(observed.trace)
        caller.set(observed.caller)
        try:
            reply = await in_time(self._take_in(headers, body, report), headers.seconds)
            status, said, content = reply.status, raw_headers(reply), reply.body
        except Exception as error:  # noqa: BLE001 - nobody outside would answer
            problem = problem_response(as_problem(error, EXPLANATIONS), headers.language)
            status, said, content = problem.status_code, problem.raw_headers, bytes(problem.body)
        finally:
            self._app.places.free += 1
        observed.answer(status, said, content, caller.get(), turn.answer)

    async def _take_in(self, headers: "_Headers", body: bytes, report: PlainReport) -> Reply:
        """What the route does with a report that it could read."""
        tokens: Tokens = self._app.state.tokens
        context: Context = self._app.state.context
        sender = None if headers.token is None else await tokens.principal(headers.token)
        if sender is not None:
            check_scope(sender, router.routes[0])
        digest = hashlib.sha256(_REQUEST + body).digest()
        return await context.use(Intake).submit(report, sender, headers.key, digest, headers.language)


class _Headers(NamedTuple):
    """What the use case needs of a request's headers."""

    token: str | None
    key: str | None
    language: str | None
    seconds: float | None
    """How long the caller waits."""

    @classmethod
    def plain(cls, scope: Scope) -> Self | None:
        """None for a request that is not plainly a report: another path, a query, a header twice or in another form."""
        if scope["method"] != "POST" or scope["path"] != PATH or scope["query_string"]:
            return None
        given = dict(scope["headers"])
        if len(given) < len(scope["headers"]) or b"host" not in given or not _UNREAD.isdisjoint(given):
            return None
        if given.get(b"content-type") != b"application/json":
            return None
        token, key, language = given.get(b"authorization"), given.get(b"idempotency-key"), given.get(b"accept-language")
        bearer = None if token is None else _BEARER.fullmatch(token)
        if (token is not None and bearer is None) or (key is not None and not _KEY.fullmatch(key)):
            return None
        return cls(
            None if bearer is None else bearer[1].decode("ascii"),
            None if key is None else key.decode("ascii"),
            None if language is None else language.decode("latin-1"),
            seconds_left(given),
        )
