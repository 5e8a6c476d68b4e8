"""Extends uvicorn's HTTP protocol: bounds the size and the time of a request's head, which uvicorn does not."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cchc_shared.http import kinds
from cchc_shared.http.answers import Header
from cchc_shared.http.language import language_of
from cchc_shared.http.middleware import METHODS, OTHER, log_unread
from cchc_shared.http.problems import MEDIA_TYPE, Problem

MAX_HEAD: Final = 64 * 1024
HEADERS_TOO_LARGE: Final = kinds.kind(
    "headers-too-large",
    431,
    vi="Phần tiêu đề quá lớn.",
    en="The headers are too large.",
    mend_vi="Gửi ít tiêu đề hơn; giới hạn ghi ở `limit`.",
    mend_en="Send fewer headers; `limit` says how many bytes.",
)


class BoundedHeads(HttpToolsProtocol):
    """Closes a connection whose head takes longer than `seconds`, or grows larger than `MAX_HEAD` bytes.

    Otherwise anybody could keep connections open for ever by sending a byte now and then. So could they after an
    answer, by what begins no head: the rest of a body that nobody reads, or empty lines. A head that cannot be read is
    a problem as any other: in the caller's language, counted and logged.
    """

    seconds: float = 15.0
    _waiting: asyncio.TimerHandle | None = None
    _begun = False
    """Whether a head has begun that is not complete."""
    _size = 0
    _in_body = False
    """Whether the layers have the request already: they tell of it."""
    _since: float | None = None
    """When the head began."""
    _last = b""
    """What has come last of a head: the parser stops before what cannot be read, and keeps its last line to itself."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._whole()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        going_on = self._waiting is not None
        idle = self.timeout_keep_alive_task
        self._last = data
        super().data_received(data)
        if self._begun and self._waiting is None:  # most heads come whole, and need no timer
            self._wait()
        if self._waiting is None:
            self._last = b""
            if idle is not None and self.cycle.response_complete:  # uvicorn gives up waiting at whatever comes
                self.timeout_keep_alive_task = self.loop.call_at(idle.when(), self.timeout_keep_alive_handler)
            return
        self._size = len(data) + (self._size if going_on else 0)
        if self._size > MAX_HEAD:
            self._refuse(Problem(HEADERS_TOO_LARGE, extra={"limit": MAX_HEAD}))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._begun = True
        self._since = time.perf_counter()

    def on_headers_complete(self) -> None:
        self._whole()
        super().on_headers_complete()
        self._in_body = True

    def on_message_complete(self) -> None:
        self._in_body = False
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        del msg  # uvicorn's word for whatever the parser does not take
        if self._in_body:
            self._refuse(Problem(kinds.BAD_REQUEST))
            return
        self._refuse(
            Problem(
                kinds.BAD_REQUEST,
                vi="Không đọc được yêu cầu HTTP. Trong địa chỉ, chữ ngoài ASCII phải mã hóa phần trăm: ậ là %E1%BA%AD.",
                en="The HTTP request cannot be read. In the address, characters outside ASCII must be percent-encoded: "
                "ậ is %E1%BA%AD.",
            )
        )

    def _wait(self) -> None:
        self._waiting = self.loop.call_later(self.seconds, self._too_slow)

    def _whole(self) -> None:
        self._begun = False
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _too_slow(self) -> None:
        if self._size:
            self._refuse(Problem(kinds.REQUEST_TIMEOUT, vi="Gửi tiêu đề quá chậm.", en="The head came too slowly."))
        else:  # nothing was asked, and nothing is answered
            self._whole()
            self.transport.close()

    def _refuse(self, problem: Problem) -> None:
        self._whole()
        headers = [*(self.headers or ()), *_lines(self._last)]
        told = b""
        if not self._in_body:
            trace = log_unread(headers, self._method(), problem.status, self._since or time.perf_counter())
            told = f"traceparent: {trace}\r\n".encode("ascii")
        asked = next((value.decode("latin-1") for name, value in headers if name == b"accept-language"), None)
        language = None if asked is None else language_of(asked)
        body = msgspec.json.encode(_both(problem) if language is None else problem.document(language))
        head = (
            f"HTTP/1.1 {problem.status} {problem.kind.title.en}\r\n"
            f"content-type: {MEDIA_TYPE}\r\ncontent-length: {len(body)}\r\ncontent-language: {language or 'vi, en'}\r\n"
            "cache-control: no-store\r\nconnection: close\r\n"
        )
        self.transport.write(head.encode("ascii") + told + b"\r\n" + body)
        self.transport.close()

    def _method(self) -> str:
        if getattr(self, "url", b""):
            return str(self.parser.get_method().decode("ascii"))
        # Before that, the parser names whichever method is the first of its list.
        written = self._last.partition(b" ")[0].decode("latin-1")
        return written if written in METHODS else OTHER


def _lines(data: bytes) -> Iterator[Header]:
    """The headers of a head that the parser gave up, as far as they can be read."""
    for line in data.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if colon:
            yield name.lower(), value.strip()


def _both(problem: Problem) -> dict[str, Any]:
    """For a caller whose language is not known: Vietnamese, with English beside."""
    vi, en = problem.document("vi"), problem.document("en")
    return vi | {name: f"{vi[name]} · {en[name]}" for name in ("title", "detail")}
