"""One service behind the gateway: its pooled connections, its bounds, and whether it takes work now."""

import asyncio
import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import msgspec

from gateway.upstreams.connection import Connection
from gateway.upstreams.faults import Away, Busy, Lost, UpstreamFault

# Services close a connection that is idle for 30 seconds; one that is about to be closed is not reused.
IDLE_SECONDS: Final = 20.0
PROBE_SECONDS: Final = 0.1


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much and how long one service is waited for."""

    in_flight: int = 256
    connect_seconds: float = 2.0
    idle_seconds: float = 30.0
    total_seconds: float = 120.0
    restart_seconds: float = 10.0
    """How long a request may wait for a service that restarts."""


class Upstream:
    """Hands out connections to one service. `name` is the service's, `url` its address."""

    def __init__(self, name: str, url: str, bounds: Bounds) -> None:
        address = urlsplit(url)
        if address.scheme not in {"http", "https"} or not address.hostname or address.path not in {"", "/"}:
            raise ValueError(f"{name}: {url!r} is not the address of an HTTP service")
        self.name = name
        self.bounds = bounds
        self._host = address.hostname
        self._port = address.port or (443 if address.scheme == "https" else 80)
        self._tls = ssl.create_default_context() if address.scheme == "https" else None
        self._free = bounds.in_flight
        self._idle: list[Connection] = []
        self._takes_work = asyncio.Event()
        self._takes_work.set()
        self._watching: asyncio.Task[None] | None = None
        self._away_since = 0.0

    @contextlib.contextmanager
    def slot(self) -> Iterator[None]:
        """Count one request against `in_flight`. Raises `Busy` when there is none left."""
        if self._free == 0:
            raise Busy(self.name)
        self._free -= 1
        try:
            yield
        finally:
            self._free += 1

    async def connection(self) -> Connection:
        """A connection that can be written to, waiting out a restart. Raises `Away`; nothing has been sent then."""
        while True:
            if not self._takes_work.is_set():
                await self._until_back()
            while self._idle:
                connection = self._idle.pop()
                if not connection.closed and connection.idle_since + IDLE_SECONDS > _now():
                    return connection
                connection.close()
            try:
                return await self._connect()
            except OSError:  # TimeoutError is one
                self.suspect()

    def release(self, connection: Connection) -> None:
        """Take a connection back after an exchange; one whose answer was not read to its end is closed."""
        if connection.reusable:
            connection.idle_since = _now()
            self._idle.append(connection)
            return
        if connection.told_to_close:
            self.suspect()
        connection.close()

    def suspect(self) -> None:
        """Hold requests back until the service is ready again: it may be stopping or starting.

        A draining service sends `Connection: close` while it still listens. Requests that wait here from then on
        never meet a closing socket, where it would not be known whether they were carried out.
        """
        if self._watching is None:
            self._takes_work.clear()
            self._away_since = _now()
            self._watching = asyncio.create_task(self._watch(), name=f"watch {self.name}")

    async def close(self) -> None:
        """Close every idle connection."""
        if self._watching is not None:
            self._watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watching
        while self._idle:
            self._idle.pop().close()

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self.bounds.connect_seconds):
            _, connection = await loop.create_connection(
                lambda: Connection(self.bounds.idle_seconds, self._remove), self._host, self._port, ssl=self._tls
            )
        return connection

    def _remove(self, connection: Connection) -> None:
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)

    async def _until_back(self) -> None:
        patience = self._away_since + self.bounds.restart_seconds - _now()
        try:
            async with asyncio.timeout(patience):
                await self._takes_work.wait()
        except TimeoutError:
            raise Away(self.name) from None

    async def _watch(self) -> None:
        while True:
            if await self.takes_work():
                break
            await asyncio.sleep(PROBE_SECONDS)
        self._watching = None
        self._takes_work.set()

    async def takes_work(self) -> bool:
        """Whether the service listens and is not draining; it reports other troubles itself."""
        try:
            async with asyncio.timeout(self.bounds.connect_seconds):
                connection = await self._connect()
                try:
                    _, body = await self._get(connection, "/readyz")
                finally:
                    connection.close()
            checks = msgspec.json.decode(body, type=_Readiness).checks
        except (OSError, UpstreamFault):
            return False
        except msgspec.DecodeError:
            return True
        return "draining" not in checks

    async def fetch(self, path: str, *, seconds: float) -> bytes:
        """The body of a small answer that the gateway itself needs, waiting out a restart.

        Raises `OSError` or `UpstreamFault`.
        """
        connection = await self.connection()
        try:
            async with asyncio.timeout(seconds):
                status, body = await self._get(connection, path)
        finally:
            self.release(connection)
        if status != 200:
            raise Lost(f"{path}: status {status}", answered=True)
        return body

    async def _get(self, connection: Connection, path: str) -> tuple[int, bytes]:
        connection.begin(bodiless=False)
        connection.write(f"GET {path} HTTP/1.1\r\nhost: {self._host}\r\n\r\n".encode("ascii"))
        answer = await connection.answer()
        pieces = []
        while piece := await connection.piece():
            pieces.append(piece)
        return answer.status, b"".join(pieces)


class _Readiness(msgspec.Struct):
    checks: dict[str, bool] = {}


def _now() -> float:
    return asyncio.get_running_loop().time()
