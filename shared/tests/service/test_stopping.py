"""A server that stops answers what had come by then, also what it had no time to read."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cchc_shared.service.app import _Server
from cchc_shared.service.protocol import OwnProtocol

GET = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"


async def _answer(_: Request) -> Response:
    return PlainTextResponse("answered")


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    """On the loop that services run on."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as found:
        yield found


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[_Server, tuple[str, int]]]:
    app = Starlette(routes=[Route("/", _answer)])
    config = uvicorn.Config(app, http=OwnProtocol, lifespan="off", log_config=None, timeout_graceful_shutdown=5)
    server = _Server(config, app, pre_drain=0, drain_seconds=5)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        running = asyncio.create_task(server.serve([listening]))
        while not server.started:  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        yield server, listening.getsockname()
        await running


def _read(caller: socket.socket) -> bytes:
    """All that comes until the connection is closed."""
    caller.settimeout(60)
    pieces = []
    while piece := caller.recv(65536):
        pieces.append(piece)
    return b"".join(pieces)


@pytest.mark.parametrize("known", [True, False], ids=["kept alive", "new"])
def test_what_was_sent_before_the_end_is_answered(runner: asyncio.Runner, known: bool) -> None:
    """The callers use no loop: all they send arrives while the server has no turn to look."""

    async def stop() -> list[bytes]:
        callers = [socket.socket() for _ in range(5)]
        try:
            async with serving() as (server, address):
                if known:
                    for caller in callers:
                        caller.connect(address)
                        caller.sendall(GET)
                        assert b"answered" in await asyncio.to_thread(caller.recv, 65536)
                server.should_exit = True
                await _begins_to_close(server)
                for caller in callers:
                    if not known:
                        caller.connect(address)
                    caller.sendall(GET)
            return await asyncio.gather(*(asyncio.to_thread(_read, caller) for caller in callers))
        finally:
            for caller in callers:
                caller.close()

    assert all(b"answered" in said for said in runner.run(stop()))


async def _begins_to_close(server: _Server) -> None:
    """Returns in the turn in which the server has decided to close, before it does."""
    begun = asyncio.Event()
    close = server.shutdown

    async def shutdown(sockets: list[socket.socket] | None = None) -> None:
        begun.set()
        await asyncio.sleep(0)  # the callers send now
        await close(sockets)

    server.shutdown = shutdown  # type: ignore[method-assign]
    await begun.wait()
