"""Head and body of an answer leave together; whatever comes later is not held back by it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from cchc_shared.service.protocol import AtOnce, JoiningTransport, OwnProtocol, Turn

Answer = Callable[[Send], Awaitable[None]]


class Recording(asyncio.Transport):
    """Remembers what was done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[Any] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.done.append(bytes(data))

    def close(self) -> None:
        self.done.append("close")

    def is_closing(self) -> bool:
        return "lost" in self.done

    def abort(self) -> None:
        self.done.append("abort")

    def get_write_buffer_size(self) -> int:
        return 0


async def joining() -> tuple[JoiningTransport, list[Any]]:
    transport = Recording()
    return JoiningTransport(transport, asyncio.get_running_loop()), transport.done


async def test_two_pieces_of_one_turn_are_one_write() -> None:
    transport, done = await joining()
    transport.write(b"head ")
    assert done == []
    transport.write(b"body")
    await asyncio.sleep(0)
    assert done == [b"head body"]


async def test_one_piece_waits_for_no_more_than_the_turn() -> None:
    transport, done = await joining()
    transport.write(b"head")
    await asyncio.sleep(0)
    assert done == [b"head"]
    transport.write(b"piece")
    await asyncio.sleep(0)
    assert done == [b"head", b"piece"]


async def test_many_pieces_keep_their_order_and_only_one_is_held() -> None:
    transport, done = await joining()
    for number in range(7):
        transport.write(b"%d" % number)
        assert len(b"".join(done)) >= number
    await asyncio.sleep(0)
    assert b"".join(done) == b"0123456"


async def test_what_is_held_leaves_before_the_connection_is_closed() -> None:
    transport, done = await joining()
    transport.write(b"head")
    transport.close()
    await asyncio.sleep(0)
    assert done == [b"head", "close"]


async def test_what_is_held_is_dropped_with_the_connection() -> None:
    transport, done = await joining()
    transport.write(b"head")
    transport.abort()
    await asyncio.sleep(0)
    assert done == ["abort"]


async def test_what_is_held_is_not_written_to_a_caller_who_has_gone() -> None:
    transport, done = await joining()
    transport.write(b"head")
    done.append("lost")
    await asyncio.sleep(0)
    transport.close()
    assert done == ["lost", "close"]


class App:
    """Answers so, but for what `at_once` takes."""

    def __init__(self, answer: Answer, at_once: AtOnce | None = None) -> None:
        self.answer = answer
        self.at_once = at_once

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        assert scope["type"] == "http"
        await self.answer(send)


@asynccontextmanager
async def served(
    answer: Answer, at_once: AtOnce | None = None
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server whose every answer is this one, but for what is taken at once."""
    app = App(answer, at_once)

    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(app, http=OwnProtocol, lifespan="off", log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listening]))
        reader, writer = await asyncio.open_connection(*listening.getsockname(), limit=2**16)
        try:
            yield reader, writer
        finally:
            writer.close()
            server.should_exit = True
            await serving


def head(*headers: tuple[bytes, bytes]) -> dict[str, object]:
    return {"type": "http.response.start", "status": 200, "headers": headers}


def piece(body: bytes, *, more: bool) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": more}


GET = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"


async def test_a_streamed_answer_begins_before_its_body_is_there() -> None:
    seen = asyncio.Event()

    async def answer(send: Send) -> None:
        await send(head())
        await seen.wait()
        await send(piece(b"one", more=True))
        await asyncio.sleep(0)
        await send(piece(b"two", more=True))
        await send(piece(b"", more=False))

    async with served(answer) as (reader, writer), asyncio.timeout(300):
        writer.write(GET)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200 OK\r\n")
        seen.set()
        assert await reader.readuntil(b"\r\n0\r\n\r\n") == b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"


@pytest.mark.parametrize("close", [b"close", b"Close"])
async def test_a_last_answer_is_whole_before_the_connection_closes(close: bytes) -> None:
    async def answer(send: Send) -> None:
        await send(head((b"content-length", b"4"), (b"connection", close)))
        await send(piece(b"last", more=False))

    async with served(answer) as (reader, writer), asyncio.timeout(300):
        writer.write(GET)
        assert (await reader.read()).endswith(b"\r\n\r\nlast")


async def test_an_answer_without_a_body_arrives() -> None:
    async def answer(send: Send) -> None:
        await send(head((b"content-length", b"4")))
        await send(piece(b"", more=False))

    async with served(answer) as (reader, writer), asyncio.timeout(300):
        for _ in range(2):
            writer.write(GET.replace(b"GET", b"HEAD"))
            assert b"content-length: 4" in await reader.readuntil(b"\r\n\r\n")


async def test_requests_sent_at_once_are_answered_in_order() -> None:
    numbers = iter(range(3))

    async def answer(send: Send) -> None:
        await send(head((b"content-length", b"1")))
        await send(piece(b"%d" % next(numbers), more=False))

    async with served(answer) as (reader, writer), asyncio.timeout(300):
        writer.write(GET * 3)
        bodies = []
        for _ in range(3):
            await reader.readuntil(b"\r\n\r\n")
            bodies.append(await reader.readexactly(1))
        assert bodies == [b"0", b"1", b"2"]


async def test_a_caller_who_does_not_read_holds_a_large_answer_back() -> None:
    sent = 0
    wanted = 32 * 1024 * 1024

    async def answer(send: Send) -> None:
        nonlocal sent
        await send(head((b"content-length", b"%d" % wanted)))
        while sent < wanted:
            await send(piece(b"x" * 65_536, more=sent + 65_536 < wanted))
            sent += 65_536

    async with served(answer) as (reader, writer), asyncio.timeout(300):
        writer.write(GET)
        await reader.readuntil(b"\r\n\r\n")
        before = -1
        while before != sent:
            before = sent
            await asyncio.sleep(0.2)
        assert sent < wanted / 2
        await reader.readexactly(wanted)
        assert sent == wanted


async def by_the_layers(send: Send) -> None:
    await send(head((b"content-length", b"6")))
    await send(piece(b"layers", more=False))


POST = b"POST / HTTP/1.1\r\nhost: here\r\ncontent-length: 2\r\n\r\n{}"


class Taker:
    """Takes what is offered, and remembers it."""

    def __init__(self, *, takes: bool = True) -> None:
        self.takes = takes
        self.offered: list[bytes] = []
        self.turns: list[Turn] = []
        self.gone = asyncio.Event()

    def __call__(self, scope: Scope, body: bytes, turn: Turn) -> bool:
        self.offered.append(scope["method"].encode() + b" " + body)
        turn.gone = self.gone.set
        self.turns.append(turn)
        return self.takes

    async def turn(self) -> Turn:
        async with asyncio.timeout(300):
            while not self.turns:  # noqa: ASYNC110 - set from the event loop's own callbacks
                await asyncio.sleep(0.01)
        return self.turns.pop()


async def test_what_came_whole_is_offered_and_answered_later() -> None:
    taker = Taker()
    async with served(by_the_layers, taker) as (reader, writer), asyncio.timeout(300):
        for status, body in ((200, b"once"), (204, b"")):
            writer.write(POST)
            (await taker.turn()).answer(status, [(b"x-own", b"1")], body)
            said = await reader.readuntil(b"\r\n\r\n")
            assert said.startswith(b"HTTP/1.1 %d " % status)
            assert b"\r\nx-own: 1\r\n" in said
            assert b"\r\ndate: " in said
            assert (b"content-length: 4" in said) == (status == 200)
            assert await reader.readexactly(len(body)) == body
    assert taker.offered == [b"POST {}", b"POST {}"]


@pytest.mark.parametrize("handed_over", [False, True])
async def test_what_is_not_taken_or_handed_over_meets_the_layers(handed_over: bool) -> None:
    taker = Taker(takes=handed_over)
    async with served(by_the_layers, taker) as (reader, writer), asyncio.timeout(300):
        writer.write(POST)
        turn = await taker.turn()
        if handed_over:
            turn.hand_over()
        await reader.readuntil(b"\r\n\r\n")
        assert await reader.readexactly(6) == b"layers"


async def test_what_comes_in_pieces_or_behind_another_is_not_offered() -> None:
    taker = Taker()
    async with served(by_the_layers, taker) as (reader, writer), asyncio.timeout(300):
        writer.write(POST[:-1])
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.write(POST[-1:])
        await reader.readuntil(b"layers")
        assert taker.offered == []
        writer.write(GET + POST)
        (await taker.turn()).answer(200, [], b"once")
        await reader.readuntil(b"once")
        await reader.readuntil(b"layers")
    assert taker.offered == [b"GET "]


async def test_a_caller_who_hangs_up_is_told_of_once() -> None:
    taker = Taker()
    async with served(by_the_layers, taker) as (_, writer), asyncio.timeout(300):
        writer.write(POST)
        await taker.turn()
        writer.close()
        await taker.gone.wait()


async def test_after_its_answer_nobody_is_told_that_a_caller_went() -> None:
    taker = Taker()
    async with served(by_the_layers, taker) as (reader, writer), asyncio.timeout(300):
        writer.write(POST.replace(b"host", b"connection: close\r\nhost"))
        (await taker.turn()).answer(200, [], b"last")
        said = await reader.read()
    assert said.endswith(b"\r\n\r\nlast")
    assert said.count(b"connection: close") == 1
    assert not taker.gone.is_set()


async def test_a_server_that_stops_waits_for_what_it_took_though_the_caller_is_gone() -> None:
    ended = asyncio.Event()
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        await asyncio.sleep(0.3)
        ended.set()

    def take(scope: Scope, body: bytes, turn: Turn) -> bool:
        del scope, body
        turn.work(work())
        return True

    async with served(by_the_layers, take) as (_, writer):
        writer.write(POST)
        async with asyncio.timeout(300):
            await begun.wait()
    assert ended.is_set()
