"""Reads requests from the socket and writes answers to it."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final, Protocol, cast

from starlette.types import Scope
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from cchc_shared.http.answers import Header
from cchc_shared.http.heads import BoundedHeads

READER_SECONDS: Final = 30.0


class AtOnce(Protocol):
    """Takes a request that has come whole, before any layer and without a task; says whether it did.

    `turn` is then to be answered or handed over, once. A request that is not taken meets the layers as any other.
    """

    def __call__(self, scope: Scope, body: bytes, turn: "Turn") -> bool: ...


class Turn:
    """The answer that is due to one request; `gone` is called if the caller hangs up before it has one."""

    __slots__ = ("_app", "_cycle", "_protocol", "gone")

    def __init__(self, protocol: "OwnProtocol", cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._protocol = protocol
        self._cycle = cycle
        self._app = app
        self.gone: Callable[[], None] | None = None

    def answer(self, status: int, headers: Iterable[Header], body: bytes) -> None:
        """Answer with all of it. A header `Connection` is there to close at most."""
        self.gone = None
        cycle, head = self._cycle, [STATUS_LINE.get(status) or b"HTTP/1.1 %d \r\n" % status]
        for name, value in (*cycle.default_headers, *headers):
            if name == b"content-length":  # it may speak of the body before it was left out or put together
                continue
            head += (name, b": ", value, b"\r\n")
            if name == b"connection":
                cycle.keep_alive = False
        if status not in (204, 304):
            head.append(b"content-length: %d\r\n" % len(body))
        if not cycle.keep_alive and b"connection" not in head:
            head.append(b"connection: close\r\n")
        self._protocol.answered(cycle, b"".join((*head, b"\r\n", body)))

    def work(self, answering: Coroutine[Any, Any, None]) -> None:
        """Have this answer. A server that stops waits for it, as for all that it began, though its caller be gone."""
        self._protocol.work(answering)

    def hand_over(self) -> None:
        """Let the layers answer it after all."""
        self.gone = None
        self._protocol.start(self._cycle, self._app)


class OwnProtocol(BoundedHeads):
    """uvicorn's protocol with bounded heads, which writes the head of an answer and its body one after the other.

    Written together they are one system call here and one read for whoever waits. What has come whole, an application
    may take `at_once`.
    """

    _at_once: AtOnce | None
    _reads_head = _undecided = False
    _turn: Turn | None = None
    """Of the newest request that was offered; undecided until it is known whether all of it has come."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._at_once = getattr(self.config.app, "at_once", None)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        patience = getattr(self.config.app, "reader_seconds", READER_SECONDS)
        self._joining = JoiningTransport(transport, self.loop, patience)
        super().connection_made(self._joining)

    def connection_lost(self, exc: Exception | None) -> None:
        self._joining.lost()
        super().connection_lost(exc)
        if self._turn is not None and self._turn.gone is not None:
            self._turn.gone()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._joining.expect_reader()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._undecided and self._turn is not None:  # the rest of its body is still to come
            self._undecided = False
            self._turn.hand_over()

    def on_headers_complete(self) -> None:
        self._reads_head = self._at_once is not None
        super().on_headers_complete()
        self._reads_head = False

    def on_message_complete(self) -> None:
        super().on_message_complete()
        if self._undecided and self._turn is not None and self._at_once is not None:
            self._undecided = False
            if self.flow.write_paused or not self._at_once(
                cast("Scope", self.scope), bytes(self.cycle.body), self._turn
            ):
                self._turn.hand_over()

    def start(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        """Begin a request that meets the layers."""
        super()._start_asgi_task(cycle, app)

    def work(self, answering: Coroutine[Any, Any, None]) -> None:
        """Begin a task that the server knows."""
        task = self.loop.create_task(answering)
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    def answered(self, cycle: RequestResponseCycle, answer: bytes) -> None:
        """Write a whole answer, if its caller is still there, and end its request."""
        cycle.response_started = cycle.response_complete = True
        if not self._joining.is_closing():
            self._joining.write_whole(answer)
        if not cycle.keep_alive:
            self._joining.close()
        cycle.on_response()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        # A request that waited for the one before it begins here too, and is not offered.
        if self._reads_head:
            self._turn, self._undecided = Turn(self, cycle, app), True
        else:
            self.start(cycle, app)


class JoiningTransport(asyncio.Transport):
    """Holds what is written until the next piece or the next turn of the loop, whichever comes first.

    No more than one piece is held, so that the flow control of the transport sees whatever is large.
    Cuts off who takes nothing for `patience` seconds of an answer that is waiting, whether or not it is closing.
    """

    def __init__(
        self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop, patience: float = READER_SECONDS
    ) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._patience = patience
        self._written = 0
        self._reader: asyncio.TimerHandle | None = None
        self._held: bytes | None = None
        self._later: asyncio.Handle | None = None

    def write(self, data: Any) -> None:
        if self._held is None:
            self._held = data
            self._later = self._loop.call_soon(self._flush)
            return
        held, self._held = self._held, None
        if self._later is not None:
            self._later.cancel()
        self._send(held + data)

    def write_whole(self, data: bytes) -> None:
        """Write what nothing follows: it waits for no turn."""
        self._flush()
        self._send(data)

    def close(self) -> None:
        self._flush()
        self._transport.close()
        self.expect_reader()

    def lost(self) -> None:
        """The connection is gone: nobody is waited for."""
        if self._reader is not None:
            self._reader.cancel()
            self._reader = None

    def expect_reader(self) -> None:
        """Look from now on whether what is waiting is taken, until nothing is."""
        waiting = self._transport.get_write_buffer_size()
        if self._reader is None and waiting:
            self._reader = self._loop.call_later(self._patience, self._look, self._written - waiting)

    def abort(self) -> None:
        self._held = None
        self._transport.abort()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)

    def _flush(self) -> None:
        held, self._held = self._held, None
        if held is not None and not self._transport.is_closing():  # the caller may have gone since
            self._send(held)

    def _send(self, data: bytes) -> None:
        self._written += len(data)
        self._transport.write(data)

    def _look(self, taken: int) -> None:
        self._reader = None
        if self._written - self._transport.get_write_buffer_size() == taken:
            self.abort()
        else:
            self.expect_reader()
