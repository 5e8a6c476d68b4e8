"""One address of a service: its pooled connections, and whether it takes work now."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from cchc_shared.service.beside import ended
from gateway.upstreams.bounds import Bounds
from gateway.upstreams.connection import Connection
from gateway.upstreams.faults import UpstreamFault

# Services close a connection that is idle for 30 seconds; one that is about to be closed is not reused.
IDLE_SECONDS: Final = 20.0
PROBE_SECONDS: Final = 0.1


class Instance:
    """`service` is the name of its service; `changed` is called when it begins or ceases to take work."""

    def __init__(self, service: str, url: str, bounds: Bounds, changed: Callable[[], None]) -> None:
        address = urlsplit(url)
        if address.scheme not in {"http", "https"} or not address.hostname or address.path not in {"", "/"}:
            raise ValueError(f"{service}: {url!r} is not the address of an HTTP service")
        self.takes_work = True
        self._service = service
        self._bounds = bounds
        self._changed = changed
        self._host = address.hostname
        self._port = address.port or (443 if address.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if address.scheme == "https" else None
        self._idle: list[Connection] = []
        self._watching: asyncio.Task[None] | None = None

    def at_hand(self) -> Connection | None:
        """An open connection that nobody uses."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and connection.idle_seconds < IDLE_SECONDS:
                return connection
            connection.close()
        return None

    async def connection(self) -> Connection:
        """A connection that can be written to. Raises `OSError` when there is none to be had."""
        return self.at_hand() or await self._connect()

    def release(self, connection: Connection) -> None:
        """Take a connection back after an exchange; one whose answer was not read to its end is closed."""
        if connection.reusable:
            self._idle.append(connection)
            return
        if connection.told_to_close:
            self.suspect()
        connection.close()

    def suspect(self) -> None:
        """Send nothing here until it is ready again: it may be stopping or starting.

        A draining service sends `Connection: close` while it still listens. Requests that wait from then on never meet
        a closing socket, where it would not be known whether they were carried out.
        """
        if self._watching is None:
            self.takes_work = False
            self._changed()
            self._watching = asyncio.create_task(self._watch(), name=f"watch {self._service}")

    async def close(self) -> None:
        """Close every idle connection."""
        if self._watching is not None:
            await ended(self._watching)
        while self._idle:
            self._idle.pop().close()

    async def ask(self, connection: Connection, path: str) -> tuple[int, bytes]:
        """Status and body of a small answer that the gateway itself needs."""
        connection.begin()
        connection.write(f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n\r\n".encode("ascii"))
        answer = await connection.answer()
        pieces = []
        while piece := await connection.piece():
            pieces.append(piece)
        return answer.status, b"".join(pieces)

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._bounds.connect_seconds):
            _, connection = await loop.create_connection(
                lambda: Connection(self._remove), self._host, self._port, ssl=self._tls
            )
        return connection

    def _remove(self, connection: Connection) -> None:
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)

    async def _watch(self) -> None:
        while True:
            if await self.listens():
                break
            await asyncio.sleep(PROBE_SECONDS)
        self._watching = None
        self.takes_work = True
        self._changed()

    async def listens(self) -> bool:
        """Whether the service listens and is not draining, which it says by `Connection: close`.

        Other troubles it reports itself.
        """
        try:
            async with asyncio.timeout(self._bounds.connect_seconds):
                connection = await self._connect()
                try:
                    await self.ask(connection, "/readyz")
                    return not connection.told_to_close
                finally:
                    connection.close()
        except (OSError, UpstreamFault):
            return False
