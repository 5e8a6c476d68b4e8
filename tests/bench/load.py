"""`python -m tests.bench.load`: posts over keep-alive connections, as light as Python can; what to post is on stdin.

A process of its own, so that it competes for the cores as callers do. Each request has an `Idempotency-Key` and a
`channel_ref` nobody used before. Prints, as JSON, how many answers a second came in the measured time.
"""

import asyncio
import json
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Mapping
from itertools import cycle
from typing import NamedTuple

import msgspec
import uvloop

REFERENCE = "0" * 20
"""Stands in a body for the reference that every request has of its own: digits, a dash, digits."""
TICK = 0.005


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to post. Without `rate`, each connection posts again as soon as it is answered."""

    port: int
    path: str
    token: str
    bodies: list[str]
    connections: int
    seconds: float
    warm_up: float = 0.5
    rate: float | None = None
    status: int = 201
    """What a request that was taken is answered with."""
    digits: tuple[int, int] = (7, 12)
    """Of the reference, on each side of its dash; that stands in a body for as many zeros."""


class Answers(NamedTuple):
    """What came of it."""

    rate: float
    """Requests taken a second in the measured time."""
    answered: int
    """Requests taken from the first one on."""
    refused: int
    p99_ms: float
    statuses: Mapping[str, int]
    """How often each other answer came, in the measured time."""


class _Requests:
    """Ready-made requests with gaps for the reference: one in the head, and as many in the body as it has."""

    def __init__(self, load: Load) -> None:
        self._parts = cycle([_split(load, body) for body in load.bodies])
        self._prefix = f"{os.getpid():0{load.digits[0]}}"[-load.digits[0] :].encode()
        self._digits = load.digits[1]
        self._number = 0

    def next(self) -> bytes:
        head, body = next(self._parts)
        self._number += 1
        reference = b"%s-%0*d" % (self._prefix, self._digits, self._number)
        return b"".join((head, reference, b"\r\n\r\n", reference.join(body)))


def _split(load: Load, body: str) -> tuple[bytes, list[bytes]]:
    content = body.encode()
    head = (
        f"POST {load.path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        f"authorization: {load.token}\r\ncontent-length: {len(content)}\r\nidempotency-key: "
    )
    return head.encode(), content.split(b"0" * (sum(load.digits) + 1))


class _Connection(asyncio.Protocol):
    """One request at a time."""

    transport: asyncio.Transport

    def __init__(self, client: "_Client") -> None:
        self._client = client
        self._received = b""
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # Not an instance of asyncio.Transport: uvloop has classes of its own.
        self.transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> None:
        self._asked = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._received[:end].lower()
        at = head.index(b"content-length:") + 15
        line = head.find(b"\r\n", at)
        length = int(head[at : line if line > 0 else len(head)])
        if len(self._received) >= end + 4 + length:
            status, self._received = int(self._received[9:12]), b""
            self._client.answered(self, status, time.perf_counter() - self._asked)

    def connection_lost(self, error: Exception | None) -> None:
        self._client.lost()


class _Client:
    def __init__(self, load: Load) -> None:
        self._load = load
        self._requests = _Requests(load)
        self._idle: deque[_Connection] = deque()
        self._times: list[float] = []
        self._answered = 0
        self._others: Counter[str] = Counter()
        self._stopping = False

    async def run(self) -> Answers:
        load, loop = self._load, asyncio.get_running_loop()
        for _ in range(load.connections):
            _, connection = await loop.create_connection(lambda: _Connection(self), "127.0.0.1", load.port)
            self._idle.append(connection)
        pace = asyncio.create_task(self._pace())
        await asyncio.sleep(load.warm_up)
        self._times.clear()
        self._others.clear()
        began = time.perf_counter()
        await asyncio.sleep(load.seconds)
        took, times, others = time.perf_counter() - began, sorted(self._times), self._others.copy()
        self._stopping = True
        pace.cancel()
        if not times:
            raise RuntimeError(f"nothing was taken; refused: {self._others}")
        await self._last_answers()
        p99 = times[int(len(times) * 0.99)] * 1000
        return Answers(len(times) / took, self._answered, others.total(), p99, others)

    async def _pace(self) -> None:
        began, asked = time.perf_counter(), 0
        while True:
            due = len(self._idle) if self._load.rate is None else self._due(began) - asked
            while due > 0 and self._idle:
                self._idle.popleft().ask(self._requests.next())
                asked, due = asked + 1, due - 1
            await asyncio.sleep(TICK)

    async def _last_answers(self) -> None:
        """Whoever asked is answered before the connections are closed."""
        async with asyncio.timeout(30):
            while len(self._idle) < self._load.connections:  # noqa: ASYNC110 - as exact as the pace
                await asyncio.sleep(TICK)

    def _due(self, began: float) -> int:
        return int((time.perf_counter() - began) * (self._load.rate or 0))

    def answered(self, connection: _Connection, status: int, seconds: float) -> None:
        if status == self._load.status:
            self._answered += 1
            self._times.append(seconds)
        else:
            self._others[str(status)] += 1
        if self._load.rate is None and not self._stopping:
            connection.ask(self._requests.next())
        else:
            self._idle.append(connection)

    def lost(self) -> None:
        if not self._stopping:
            raise RuntimeError("a connection was closed")


async def drive(load: Load) -> Answers:
    """Start the process, wait for it, and return what it found."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.bench.load", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate(msgspec.json.encode(load))
    if process.returncode:
        raise RuntimeError("the load client failed")
    return Answers(**json.loads(out))


def main() -> None:
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    sys.stdout.write(json.dumps(uvloop.run(_Client(load).run())._asdict()))


if __name__ == "__main__":
    main()
