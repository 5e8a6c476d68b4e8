"""How answers are written to the socket: head and body of a small one at once."""

import asyncio
from typing import Any

from cchc_shared.http.heads import BoundedHeads


class SingleWriteProtocol(BoundedHeads):
    """uvicorn's protocol with bounded heads, which writes the head of an answer and its body one after the other.

    Written together they are one system call here and one read for whoever waits.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(JoiningTransport(transport, self.loop))


class JoiningTransport(asyncio.Transport):
    """Holds what is written until the next piece or the next turn of the loop, whichever comes first.

    No more than one piece is held, so that the flow control of the transport sees whatever is large.
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
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
        self._transport.write(held + data)

    def close(self) -> None:
        self._flush()
        self._transport.close()

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
            self._transport.write(held)
