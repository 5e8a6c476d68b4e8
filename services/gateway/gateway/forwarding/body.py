"""The request body: a small one is kept whole, so that it can be sent again; a large one is streamed."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Receive

from gateway.forwarding.heads import length
from gateway.upstreams import faults
from gateway.upstreams.connection import Connection
from gateway.upstreams.faults import ClientGone

WHOLE: Final = 64 * 1024


class Body:
    """The body of one request. After `begin`, `whole` says whether all of it stands in `first`."""

    def __init__(self, receive: Receive, declared: bytes | None) -> None:
        self._receive = receive
        self._declared = declared
        self.first = b""
        self.begun = self.whole = False
        self.sent = False
        """Whether `pump` came to the end."""

    async def begin(self) -> None:
        """Read the body to its end, or until it is too large to be kept."""
        self.first, more = await self._next()
        while more and len(self.first) < WHOLE:
            piece, more = await self._next()
            self.first += piece
        self.whole = not more
        self.begun = True

    @property
    def framing(self) -> bytes:
        """The header line that tells the service how the body ends."""
        if self.whole:
            return length(self.first, self._declared)
        if self._declared is not None:
            return b"content-length: " + self._declared + b"\r\n"
        return b"transfer-encoding: chunked\r\n"

    async def pump(self, connection: Connection) -> None:
        """Send what was read and what is still to come, no faster than the service takes it."""
        chunked = self._declared is None
        piece, more = self.first, True
        while True:
            if piece:
                connection.write(b"%x\r\n%s\r\n" % (len(piece), piece) if chunked else piece)
                await connection.writable()
            if not more:
                break
            piece, more = await self._next()
        if chunked:
            connection.write(b"0\r\n\r\n")
        self.sent = True

    async def _next(self) -> tuple[bytes, bool]:
        """Raises `ClientGone`, or the 413 or 408 problem when a shared bound on bodies is passed."""
        try:
            message = await self._receive()
        except HTTPException as error:
            raise (faults.upload_too_slow() if error.status_code == 408 else faults.too_large()) from error
        if message["type"] == "http.disconnect":
            raise ClientGone
        return message.get("body", b""), message.get("more_body", False)
