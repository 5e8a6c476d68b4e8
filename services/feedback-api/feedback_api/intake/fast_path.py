"""POST /v1/feedback without the framework between the server and the use case.

Routing, dependencies and handler of the route take longer than the use case itself, and this route is the busiest.
A request that can be carried out at once is carried out here. Every other one, as it came, goes on to the route, which
alone words what is wrong with a request and stands in the contract.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final, NamedTuple, Self

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cchc_shared.http.idempotency import send_reply
from cchc_shared.http.problems import as_problem, problem_response
from cchc_shared.http.tokens import Tokens
from cchc_shared.service.context import Context
from cchc_shared.service.database_problems import EXPLANATIONS
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
    """An ASGI layer before the routes, inside the shared conventions."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _Headers.plain(scope)
        if headers is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = router.routes[0]  # metrics count by it
        try:
            body, messages = await _read(receive)
            report = None if body is None else read_plain(body)
            answer = None if body is None or report is None else await _take_in(scope, headers, body, report)
        except Exception as error:  # noqa: BLE001 - nobody outside would answer
            await problem_response(as_problem(error, EXPLANATIONS), headers.language)(scope, receive, send)
            return
        if answer is None:
            await self._app(scope, _replay(messages, receive), send)
        else:
            await send_reply(answer, send)


async def _take_in(scope: Scope, headers: "_Headers", body: bytes, report: PlainReport) -> Reply:
    """What the route does with a report that it could read."""
    state = scope["app"].state
    tokens: Tokens = state.tokens
    context: Context = state.context
    caller = None if headers.token is None else await tokens.principal(headers.token)
    digest = hashlib.sha256(_REQUEST + body).digest()
    return await context.use(Intake).submit(report, caller, headers.key, digest)


class _Headers(NamedTuple):
    """What the use case needs of a request's headers."""

    token: str | None
    key: str | None
    language: str | None

    @classmethod
    def plain(cls, scope: Scope) -> Self | None:
        """None for a request that is not plainly a report: another path, a query, a header twice or in another form."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != PATH or scope["query_string"]:
            return None
        given = dict(scope["headers"])
        if len(given) < len(scope["headers"]) or not _UNREAD.isdisjoint(given):
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
        )


async def _read(receive: Receive) -> tuple[bytes | None, Sequence[Message]]:
    """The body with the messages that it came in; None when the caller went away."""
    messages = [await receive()]
    while messages[-1]["type"] == "http.request" and messages[-1].get("more_body", False):
        messages.append(await receive())
    if messages[-1]["type"] != "http.request":
        return None, messages
    return b"".join(message.get("body", b"") for message in messages), messages


def _replay(messages: Sequence[Message], receive: Receive) -> Receive:
    """Hands out what was received already, then what comes."""
    waiting = iter(messages)

    async def again() -> Message:
        message = next(waiting, None)
        return await receive() if message is None else message

    return again
