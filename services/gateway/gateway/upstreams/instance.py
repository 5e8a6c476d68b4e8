"""One address of a service: its pooled connections, and whether it takes work now."""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Final
from urllib.parse import urlsplit

from prometheus_client import Gauge

from cchc_shared.service.beside import ended
from gateway.upstreams.bounds import Bounds
from gateway.upstreams.circuit import Circuit, State
from gateway.upstreams.connection import Connection
from gateway.upstreams.faults import UpstreamFault

# Services close a connection that is idle for 30 seconds; one that is about to be closed is not reused.
IDLE_SECONDS: Final = 20.0
PROBE_SECONDS: Final = 0.1
DOUBT_SECONDS: Final = 2.0
"""Who waits longer for an answer makes the gateway look whether the process lives at all."""

CIRCUIT: Final = Gauge(
    "cchc_upstream_circuit", "Circuit of an instance: 0 closed, 1 half open, 2 open", ["service", "address"]
)
AWAY: Final = Gauge(
    "cchc_upstream_away", "1 while an instance stops, starts or does not answer at all", ["service", "address"]
)


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
        self._looking: asyncio.Task[None] | None = None
        self._circuit = Circuit(bounds.failures, bounds.open_seconds)
        self._probe: Connection | None = None
        """Of the request that is to see whether the instance answers again."""
        self._shown = CIRCUIT.labels(service, address.netloc), AWAY.labels(service, address.netloc)
        self._show()

    @property
    def closed(self) -> bool:
        """Whether its circuit is."""
        return self._circuit.state is State.CLOSED

    def may_see(self) -> bool:
        """Whether its circuit, open for long enough, lets a request see."""
        return self._circuit.admits(_now())

    def waits(self) -> float:
        """Seconds until its circuit lets somebody see."""
        return self._circuit.waits(_now())

    def at_hand(self) -> Connection | None:
        """An open connection that nobody uses."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and connection.idle_seconds < IDLE_SECONDS:
                return connection
            connection.close()
        return None

    async def connection(self) -> Connection:
        """A connection that can be written to, and is to be released. Raises `OSError` when there is none to be had."""
        sees = self._circuit.begin(_now())
        if sees:
            self._show()
        try:
            connection = self.at_hand() or await self._connect()
        except BaseException:
            if sees:
                self._circuit.gave_up(_now())
            raise
        if sees:
            self._probe = connection
        return connection

    def release(self, connection: Connection) -> None:
        """Take a connection back after an exchange; one whose answer was not read to its end is closed."""
        self._judge(connection)
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
            self._show()
            self._changed()
            self._watching = asyncio.create_task(self._watch(), name=f"watch {self._service}")

    def lost(self) -> None:
        """A connection broke under a request. Many that break together are one failure."""
        if self._watching is None:
            self._circuit.failed(_now())
        self.suspect()

    def doubt(self) -> None:
        """Somebody waits long for an answer: look whether the process lives. One that is frozen takes no work."""
        if self._watching is None and self._looking is None:
            self._looking = asyncio.create_task(self._look(), name=f"look at {self._service}")

    async def close(self) -> None:
        """Close every idle connection."""
        await ended(*filter(None, (self._watching, self._looking)))
        while self._idle:
            self._idle.pop().close()

    async def ask(self, connection: Connection, path: str, body: bytes = b"") -> tuple[int, bytes]:
        """Status and body of a small answer that the gateway itself needs; JSON in `body` is posted."""
        connection.begin()
        method = "POST" if body else "GET"
        framing = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n" if body else ""
        head = f"{method} {path} HTTP/1.1\r\nhost: {self._host}\r\n{framing}\r\n"
        connection.write(head.encode("ascii") + body)
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
        self._show()
        self._changed()

    async def _look(self) -> None:
        try:
            if await self.listens("/livez"):
                await asyncio.sleep(DOUBT_SECONDS)  # no sooner again
            else:
                self.suspect()
        finally:
            self._looking = None

    def _judge(self, connection: Connection) -> None:
        """What the end of an exchange says of the instance. A connection that broke is told by `lost`."""
        if connection.answered and not connection.timed_out and self.closed:
            self._circuit.succeeded()
            return
        if connection.timed_out:
            self._circuit.failed(_now())
        elif connection.answered:
            self._circuit.succeeded()
        elif connection is self._probe:
            self._circuit.gave_up(_now())
        if connection is self._probe:
            self._probe = None
        self._show()

    def _show(self) -> None:
        circuit, away = self._shown
        circuit.set(self._circuit.state)
        away.set(not self.takes_work)

    async def listens(self, path: str = "/readyz") -> bool:
        """Whether the service listens and is not draining, which it says by `Connection: close`.

        Other troubles it reports itself.
        """
        try:
            async with asyncio.timeout(self._bounds.connect_seconds):
                connection = await self._connect()
                try:
                    await self.ask(connection, path)
                    return not connection.told_to_close
                finally:
                    connection.close()
        except (OSError, UpstreamFault):
            return False


def _now() -> float:
    return asyncio.get_running_loop().time()
