"""Receives a request's body within bounds: on its size, and on how long its sender may keep a place here."""

import asyncio
import time
from collections.abc import Awaitable, Coroutine, Generator, Mapping
from dataclasses import dataclass
from types import MappingProxyType, coroutine
from typing import Any, Final, cast

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

LARGEST: Final = "cchc.largest_body"
"""In the scope of a request that may have a larger body than others: how many bytes. A route that takes files sets it,
once it knows who sends them."""
NO_SCOPE: Final[Mapping[str, Any]] = MappingProxyType({})
GRACE_SECONDS: Final = 5.0
"""How long a sender may hesitate: a lost packet on a mobile network is sent again within seconds."""
HELD_UP_SECONDS: Final = 0.1
"""A timer that is later than this was held up by work of this process, and so was the body."""


@dataclass(frozen=True, slots=True)
class BodyBounds:
    """`most` bytes at all; `seconds` to wait for them all; `bytes_per_second` at least, after the grace."""

    most: int
    seconds: float
    bytes_per_second: float


def bounded(receive: Receive, bounds: BodyBounds, scope: Mapping[str, Any] = NO_SCOPE) -> Receive:
    """Raises HTTP 413 for a body that grows too large, whatever its Content-Length says, and 408 for one that trickles.

    Only the time that we wait for the sender counts, not the time that we take over what has come.
    """
    taken, waited, complete = 0, 0.0, False

    async def take() -> Message:
        nonlocal taken, waited, complete
        if complete:  # whoever asks on listens for the caller to hang up
            return await receive()
        patience = max(0.0, min(bounds.seconds, GRACE_SECONDS + taken / bounds.bytes_per_second) - waited)
        began = time.monotonic()
        message = await _in_time(receive, patience)
        waited += min(time.monotonic() - began, patience)
        taken += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if taken > bounds.most and taken > scope.get(LARGEST, bounds.most):
            raise HTTPException(413)
        return message

    return take


async def _in_time(receive: Receive, patience: float) -> Message:
    """The next message. Raises HTTP 408 when it does not come, unless this process could not have noticed."""
    # Most bodies have come with their head, and a timer that is set for them costs more than taking them.
    begun = cast("Coroutine[Any, None, Message]", receive())
    try:
        waits_for = begun.send(None)
    except StopIteration as come:
        return cast("Message", come.value)
    coming: Awaitable[Message] = _going_on(begun, waits_for)
    while True:
        began = time.monotonic()
        try:
            async with asyncio.timeout(patience):
                return await coming
        except TimeoutError:
            if time.monotonic() - began - patience < HELD_UP_SECONDS:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            patience, coming = HELD_UP_SECONDS, receive()


@coroutine
def _going_on(begun: Coroutine[Any, None, Message], waits_for: Any) -> Generator[Any, None, Message]:
    """The rest of a coroutine that has come to its first wait."""
    try:
        yield waits_for
    except BaseException as error:
        begun.throw(error)
        raise
    return (yield from begun.__await__())
