"""How long whoever asked still waits, as the gateway says it, and the end of work that would come later.

What is given up is cancelled: a statement at work is cancelled at the server too, and its transaction rolled back.
"""

import asyncio
import re
from collections.abc import Awaitable, Mapping
from typing import Final, TypeVar

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cchc_shared.http import kinds
from cchc_shared.http.events import stays_open
from cchc_shared.http.problems import Problem, problem_response

TIMEOUT: Final = b"x-timeout-seconds"
"""Whole seconds. No standard names such a header; the gateway writes it, and passes none on from its callers."""
_SECONDS: Final = re.compile(rb"[0-9]{1,5}")
T = TypeVar("T")


def seconds_left(given: Mapping[bytes, bytes]) -> float | None:
    """How long the caller waits, by the headers of its request; None: it does not say, or not in whole seconds."""
    said = given.get(TIMEOUT)
    return float(said) if said is not None and _SECONDS.fullmatch(said) else None


def out_of_time() -> Problem:
    """504: the work took longer than its caller waits. Whether it was carried out is not known: it may have been given
    up while it was committed."""
    return Problem(kinds.SERVICE_TIMEOUT, headers={"Retry-After": "2"})


async def in_time(work: Awaitable[T], seconds: float | None) -> T:
    """The result of the work. Raises a 504 problem when it takes longer; it is cancelled then."""
    bound = asyncio.timeout(seconds)
    try:
        async with bound:
            return await work
    except TimeoutError:
        if not bound.expired():  # it is the work's own, and means something else
            raise
        raise out_of_time() from None


class Deadline:
    """Answers 504 when a request takes longer than its caller waits. One whose answer has begun is cut off: half an
    answer must not look whole. An answer that stays open has no end of its own, and is not bound once it has begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = dict(scope["headers"]) if scope["type"] == "http" else {}
        seconds = seconds_left(given)
        if seconds is None:
            await self._app(scope, receive, send)
            return
        bound, begun = asyncio.timeout(seconds), False

        async def telling(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                if stays_open(message["headers"]):
                    bound.reschedule(None)
            await send(message)

        try:
            async with bound:
                await self._app(scope, receive, telling)
        except TimeoutError:
            if begun or not bound.expired():
                raise
            language = given.get(b"accept-language", b"").decode("latin-1")
            await problem_response(out_of_time(), language)(scope, receive, send)
