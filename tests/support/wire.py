"""A wire that a test can cut: a TCP proxy in front of a server, on a loop and a thread of its own."""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self

from cchc_embedded.ports import free_port

CHUNK = 64 * 1024


class Wire:
    """Listens on `port` and passes everything on to 127.0.0.1:`target()`, until it is told not to.

    Works while it is entered. `mend` ends whatever was done to it; what was held back then arrives late.
    """

    def __init__(self, target: Callable[[], int]) -> None:
        self.port = free_port()
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"wire {self.port}", daemon=True)
        self._server: asyncio.Server | None = None
        self._links: dict[asyncio.Task[None], tuple[asyncio.Event, int]] = {}
        """Open connections: may bytes pass, and the local port of the side towards the server."""
        self._dark = False

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def ports(self) -> set[int]:
        """Where the server sees its connections come from."""
        return {port for _, port in list(self._links.values())}

    def silence(self, *, dark: bool = False) -> None:
        """Open connections stay open and pass nothing more; new ones work, unless it is `dark`: then as those."""
        self._do(self._hold(dark=dark))

    def refuse(self) -> None:
        """Open connections are reset, new ones refused."""
        self._do(self._close())

    def mend(self) -> None:
        """All is well again."""
        self._do(self._mend())

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        links = list(self._links)
        for link in links:
            link.cancel()
        await asyncio.gather(*links, return_exceptions=True)
        await asyncio.sleep(0)  # sockets are closed one round later

    async def _hold(self, *, dark: bool) -> None:
        self._dark = dark
        for may_pass, _ in self._links.values():
            may_pass.clear()

    async def _mend(self) -> None:
        self._dark = False
        for may_pass, _ in self._links.values():
            may_pass.set()
        if self._server is None:
            await self._listen()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = asyncio.current_task()
        assert link is not None
        may_pass = asyncio.Event()
        if not self._dark:
            may_pass.set()
        self._links[link] = (may_pass, 0)
        open_ = [writer]
        try:
            there, onward = await asyncio.open_connection("127.0.0.1", self._target())
            open_.append(onward)
            self._links[link] = (may_pass, onward.get_extra_info("sockname")[1])
            ways = [asyncio.create_task(_pass(*ends, may_pass)) for ends in ((reader, onward), (there, writer))]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
        except (OSError, asyncio.CancelledError):  # the server is away, or the wire was cut
            for each in open_:
                _reset_when_closed(each)
        finally:
            del self._links[link]
            for each in open_:
                each.close()


def _reset_when_closed(writer: asyncio.StreamWriter) -> None:
    at_once = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter, may_pass: asyncio.Event) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(CHUNK):
            await may_pass.wait()
            sink.write(data)
            await sink.drain()
        await may_pass.wait()
