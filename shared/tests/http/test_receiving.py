"""A body is received within bounds, on its size and on how long its sender may take."""

import asyncio
import time
from collections.abc import Sequence

import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from cchc_shared.http import receiving
from cchc_shared.http.receiving import BodyBounds, bounded

FOREVER = 3600.0


def sender(*pieces: tuple[float, bytes]) -> Receive:
    """Sends each piece after so many seconds; then hangs up when it is asked on."""
    left = list(pieces)

    async def receive() -> Message:
        if not left:
            return {"type": "http.disconnect"}
        pause, body = left[0]
        await asyncio.sleep(pause)
        left.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    return receive


async def received(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if not message.get("more_body"):
            return body


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "GRACE_SECONDS", 0.05)


@pytest.mark.parametrize(
    ("pieces", "bounds", "status"),
    [
        # One piece, and then nothing for ever: the rate allows a moment for what came, and no more.
        ([(0, b"x" * 10), (FOREVER, b"y")], BodyBounds(1000, FOREVER, bytes_per_second=1000), 408),
        ([(FOREVER, b"x")], BodyBounds(1000, FOREVER, bytes_per_second=1000), 408),
        # As fast as asked, and longer than anybody is waited for.
        ([(0, b"x" * 1000), (FOREVER, b"y")], BodyBounds(5000, 0.05, bytes_per_second=0.001), 408),
        ([(0, b"x" * 600), (0, b"y" * 600)], BodyBounds(1000, FOREVER, bytes_per_second=1), 413),
    ],
)
async def test_what_passes_a_bound_is_given_up(
    pieces: Sequence[tuple[float, bytes]], bounds: BodyBounds, status: int
) -> None:
    with pytest.raises(HTTPException) as refused:
        await received(bounded(sender(*pieces), bounds))
    assert refused.value.status_code == status
    assert (refused.value.headers or {}).get("Connection") == ("close" if status == 408 else None)


async def test_a_body_within_its_bounds_is_taken_whole() -> None:
    bounds = BodyBounds(1000, FOREVER, bytes_per_second=0.01)
    assert await received(bounded(sender((0, b"a"), (0.1, b"b"), (0.1, b"")), bounds)) == b"ab"


async def test_who_works_long_is_not_taken_for_a_slow_sender() -> None:
    receive = bounded(sender((0, b"a"), (0, b"b")), BodyBounds(1000, 0.05, bytes_per_second=1000))
    await receive()
    await asyncio.sleep(0.2)
    assert (await receive())["body"] == b"b"


async def test_after_the_body_the_caller_may_be_listened_to_for_ever() -> None:
    hangs_up = asyncio.Event()

    async def receive() -> Message:
        if hangs_up.is_set():
            return {"type": "http.disconnect"}
        hangs_up.set()
        return {"type": "http.request", "body": b"", "more_body": False}

    take = bounded(receive, BodyBounds(1000, 0.01, bytes_per_second=1000))
    await take()
    await asyncio.sleep(0.1)
    assert (await take())["type"] == "http.disconnect"


async def test_a_busy_process_does_not_blame_the_sender() -> None:
    """The body comes while the loop is held up: its time is over before anybody could look."""
    loop = asyncio.get_running_loop()
    came: asyncio.Queue[Message] = asyncio.Queue()
    loop.call_later(0.2, came.put_nowait, {"type": "http.request", "body": b"prompt", "more_body": False})
    loop.call_soon(time.sleep, 0.4)
    assert await received(bounded(came.get, BodyBounds(1000, FOREVER, bytes_per_second=1000))) == b"prompt"
