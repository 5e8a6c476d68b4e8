"""One keep-alive HTTP/1.1 connection to a service: writes a request, hands out the answer piece by piece."""

import asyncio
from collections.abc import Callable
from typing import Final, NamedTuple, cast

import httptools

from gateway.upstreams.faults import Lost, Slow

Header = tuple[bytes, bytes]

MAX_HEAD: Final = 64 * 1024
HIGH_WATER: Final = 64 * 1024
NEVER: Final = float("inf")


class Answer(NamedTuple):
    """Status line and headers (names in lower case) of an answer; its body follows in pieces."""

    status: int
    headers: list[Header]


class Connection(asyncio.Protocol):
    """Serves one exchange at a time: `begin`, `write`, `answer`, `piece` until it is empty, then `reusable`."""

    def __init__(self, on_lost: Callable[["Connection"], None]) -> None:
        self._on_lost = on_lost
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._waiter: asyncio.Future[None] | None = None
        self._notify: Callable[[], None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._fault: Exception | None = None
        self.begin()
        self._complete = True
        self._idle_since = 0.0
        self._reads_since = self._writes_since = NEVER

    # --- what the exchange calls

    @property
    def closed(self) -> bool:
        """Whether nothing may be written any more."""
        return self._fault is not None or self._transport.is_closing()

    @property
    def held_back(self) -> bool:
        """Whether more came than is kept, and the service has to wait."""
        return not self._reading

    @property
    def reusable(self) -> bool:
        """Whether the answer was read to its end and the service keeps the connection open."""
        return self._complete and self._keep_alive and not self.closed

    @property
    def told_to_close(self) -> bool:
        """Whether the service said that it will not take another request here."""
        return self._complete and not self._keep_alive

    @property
    def answered(self) -> bool:
        """Whether the service has begun to answer."""
        return self._answer is not None

    @property
    def timed_out(self) -> bool:
        """Whether the service was waited for in vain."""
        return isinstance(self._fault, Slow)

    @property
    def idle_seconds(self) -> float:
        """For how long nothing was asked here, counted as the service does: from the end of the last answer."""
        return self._loop.time() - self._idle_since

    def waits_since(self, *, sent: bool) -> float:
        """Since when the service is waited for, by the clock of the event loop. How long it may be is for others.

        Until the whole request was `sent`, only that the service does not take it counts: it may wait for the rest.
        """
        return min(self._reads_since, self._writes_since) if sent else self._writes_since

    def begin(self) -> None:
        """Expect an answer, on a new connection or a `reusable` one.

        Not to a HEAD: its answer would end with its headers.
        """
        self._headers: list[Header] = []
        self._head_size = 0
        self._pieces: list[bytes] = []
        self._buffered = 0
        self._reading = True
        self._answer: Answer | None = None
        self._until_close = self._complete = self._keep_alive = False

    def notify(self, whom: Callable[[], None] | None) -> None:
        """Call this whenever something has come or has failed, and nobody waits for `answer` or `piece`."""
        self._notify = whom
        self._reads_since = NEVER if whom is None else self._loop.time()

    def write(self, data: bytes) -> None:
        """Send bytes; more of them should wait for `writable`."""
        if self._fault is not None:
            raise self._fault
        self._transport.write(data)

    async def writable(self) -> None:
        """Wait until the service takes more."""
        if self._fault is not None:
            raise self._fault
        if self._writable is not None:
            self._writes_since = self._loop.time()
            try:
                await self._writable
            finally:
                self._writes_since = NEVER
            self._raise_fault()

    async def answer(self) -> Answer:
        """The head of the answer. Raises `Lost` or `Slow`."""
        while self._answer is None:
            await self._more()
        return self._answer

    async def piece(self) -> bytes:
        """What has arrived of the body; empty at its end. Raises `Lost` or `Slow`."""
        while not self._pieces and not self._complete:
            await self._more()
        piece = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._buffered = 0
        if not self._reading and not self._transport.is_closing():
            self._reading = True
            self._transport.resume_reading()
        return piece

    @property
    def come(self) -> tuple[Answer, bytes] | None:
        """The answer and its body, if all of it has come."""
        return (self._answer, b"".join(self._pieces)) if self._complete and self._answer is not None else None

    @property
    def whole(self) -> bool:
        """Whether nothing of the answer is still to come."""
        return self._complete and not self._pieces

    def fail(self, fault: Exception) -> None:
        """End the exchange with this fault and drop the connection; the first fault stays."""
        self._fault = self._fault or fault
        self._transport.abort()
        self._wake()

    def close(self) -> None:
        """Close the connection, dropping what was not yet written to it."""
        self._transport.abort()

    # --- what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self._complete:
            # Bytes that no request asked for would be taken for the next answer.
            self.fail(Lost("bytes without a request", answered=False))
            return
        if self._answer is None:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.fail(Lost(f"not HTTP: {error}", answered=True))
            return
        if self._answer is None and self._head_size > MAX_HEAD:
            self.fail(Lost("headers without end", answered=True))
            return
        if self._buffered > HIGH_WATER and self._reading and not self._complete:
            self._reading = False
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None and self._until_close:
            self._complete = True
        elif self._fault is None:
            self._fault = Lost(str(exc or "closed"), answered=self._head_size > 0)
        self._wake()
        self.resume_writing()
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._writable = self._writable or self._loop.create_future()

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None

    # --- what the parser calls

    def on_message_begin(self) -> None:
        if self._answer is not None:
            raise ValueError("a second answer to one request")
        self._headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status < 200:  # interim: the answer proper follows
            return
        self._answer = Answer(status, self._headers)
        self._keep_alive = self._parser.should_keep_alive()
        self._until_close = not (self._keep_alive or status in (204, 304) or _framed(self._headers))

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)
        self._buffered += len(body)

    def on_message_complete(self) -> None:
        self._complete = self._answer is not None
        self._idle_since = self._loop.time()

    # --- waiting

    async def _more(self) -> None:
        if self._fault is not None:
            raise self._fault
        self._waiter = self._loop.create_future()
        self._reads_since = self._loop.time()
        try:
            await self._waiter
        finally:
            self._waiter, self._reads_since = None, NEVER
        self._raise_fault()

    def _raise_fault(self) -> None:
        if self._fault is not None and not self._complete:
            raise self._fault

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
        elif self._notify is not None:
            self._notify()


def _framed(headers: list[Header]) -> bool:
    """Whether an answer says where its body ends."""
    return any(name in (b"content-length", b"transfer-encoding") for name, _ in headers)
