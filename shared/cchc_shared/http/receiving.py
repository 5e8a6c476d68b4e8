"""Receives a request's body within bounds: on its size, and on how long its sender may keep a place here."""

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

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


def bounded(receive: Receive, bounds: BodyBounds) -> Receive:
    """Raises HTTP 413 for a body that grows too large, whatever its Content-Length says, and 408 for one that trickles.

    Only the time that we wait for the sender counts, not the time that we take over what has come.
    """
    loop = asyncio.get_running_loop()
    taken, waited, complete = 0, 0.0, False

    async def take() -> Message:
        nonlocal taken, waited, complete
        if complete:  # whoever asks on listens for the caller to hang up
            return await receive()
        patience = max(0.0, min(bounds.seconds, GRACE_SECONDS + taken / bounds.bytes_per_second) - waited)
        began = loop.time()
        message = await _in_time(receive, patience)
        waited += min(loop.time() - began, patience)
        taken += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if taken > bounds.most:
            raise HTTPException(413)
        return message

    return take


async def _in_time(receive: Receive, patience: float) -> Message:
    """The next message. Raises HTTP 408 when it does not come, unless this process could not have noticed."""
    loop = asyncio.get_running_loop()
    while True:
        began = loop.time()
        try:
            async with asyncio.timeout(patience):
                return await receive()
        except TimeoutError:
            if loop.time() - began - patience < HELD_UP_SECONDS:
                raise HTTPException(408, headers={"Connection": "close"}) from None
            patience = HELD_UP_SECONDS
