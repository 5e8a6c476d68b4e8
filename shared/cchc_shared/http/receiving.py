"""Receives a request's body within bounds: on its size, and on how long its sender may keep a place here."""

import asyncio
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

GRACE_SECONDS: Final = 5.0
"""How long a sender may hesitate: a lost packet on a mobile network is sent again within seconds."""


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
        patience = min(bounds.seconds, GRACE_SECONDS + taken / bounds.bytes_per_second) - waited
        began = loop.time()
        try:
            async with asyncio.timeout(patience):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
        waited += loop.time() - began
        taken += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if taken > bounds.most:
            raise HTTPException(413)
        return message

    return take
