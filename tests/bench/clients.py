"""The HTTP clients that might have forwarded, each in the shortest ASGI gateway that passes one request on."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Protocol

import httptools

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping

    Message = MutableMapping[str, Any]
    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[Message]]
    Send = Callable[[Message], Awaitable[None]]
    App = Callable[[Scope, Receive, Send], Awaitable[None]]

LIBRARIES = ("httpx", "aiohttp", "pyreqwest")
DROPPED = frozenset((b"connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te", b"trailer", b"host"))


class Candidate(Protocol):
    """Forwards one request whose body is whole; answers status, headers and the pieces of the body."""

    def opened(self, upstream: str) -> contextlib.AbstractAsyncContextManager[None]: ...

    def forward(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes, send: Send
    ) -> Awaitable[None]: ...


class Httpx:
    @contextlib.asynccontextmanager
    async def opened(self, upstream: str) -> AsyncIterator[None]:
        import httpx

        limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
        async with httpx.AsyncClient(base_url=upstream, limits=limits, timeout=30) as self.client:
            yield

    async def forward(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes, send: Send
    ) -> None:
        async with self.client.stream(method, target, headers=headers, content=body) as answer:
            await start(send, answer.status_code, answer.headers.raw)
            async for piece in answer.aiter_raw():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


class Aiohttp:
    @contextlib.asynccontextmanager
    async def opened(self, upstream: str) -> AsyncIterator[None]:
        import aiohttp

        self.upstream = upstream
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=64),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            skip_auto_headers=("User-Agent", "Accept-Encoding", "Accept", "Content-Type"),
            timeout=aiohttp.ClientTimeout(total=30),
        ) as self.client:
            yield

    async def forward(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes, send: Send
    ) -> None:
        import yarl

        async with self.client.request(
            method,
            yarl.URL(self.upstream + target, encoded=True),
            headers=text(headers),
            data=body,
            allow_redirects=False,
        ) as answer:
            await start(send, answer.status, answer.raw_headers)
            async for piece in answer.content.iter_any():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


class Pyreqwest:
    @contextlib.asynccontextmanager
    async def opened(self, upstream: str) -> AsyncIterator[None]:
        from datetime import timedelta

        from pyreqwest.client import ClientBuilder

        self.upstream = upstream
        builder = ClientBuilder().timeout(timedelta(seconds=30)).follow_redirects(enable=False).no_proxy()
        for decoding in (builder.gzip, builder.brotli, builder.zstd, builder.deflate):
            decoding(False)  # noqa: FBT003 - the library's own spelling
        async with builder.build() as self.client:
            yield

    async def forward(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes, send: Send
    ) -> None:
        request = self.client.request(method, self.upstream + target).headers(text(headers)).body_bytes(body)
        async with request.build_streamed() as answer:
            await start(send, answer.status, [(k.encode(), v.encode()) for k, v in answer.headers.items()])
            while (piece := await answer.body_reader.read_chunk()) is not None:
                await send({"type": "http.response.body", "body": bytes(piece), "more_body": True})
        await send({"type": "http.response.body"})


class OwnPool:
    """A keep-alive pool over asyncio streams of httptools, as short as it can be."""

    @contextlib.asynccontextmanager
    async def opened(self, upstream: str) -> AsyncIterator[None]:
        host, _, port = upstream.removeprefix("http://").partition(":")
        self.address = (host, int(port))
        self.idle: list[Connection] = []
        yield
        for connection in self.idle:
            connection.transport.close()

    async def forward(
        self, method: str, target: str, headers: list[tuple[bytes, bytes]], body: bytes, send: Send
    ) -> None:
        self.idle = [connection for connection in self.idle if not connection.transport.is_closing()]
        connection = self.idle.pop() if self.idle else await self.connect()
        lines = [b"%s: %s\r\n" % pair for pair in headers]
        connection.ask(b"%s %s HTTP/1.1\r\nhost: upstream\r\n%s\r\n" % (
            method.encode(), target.encode(), b"".join(lines)
        ) + body)  # fmt: skip
        async with asyncio.timeout(30):
            await start(send, await connection.head(), connection.headers)
            while piece := await connection.piece():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
        self.idle.append(connection)
        await send({"type": "http.response.body"})

    async def connect(self) -> Connection:
        _, connection = await asyncio.get_running_loop().create_connection(Connection, *self.address)
        return connection


class Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def ask(self, request: bytes) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.headers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes] = []
        self.head_done = self.done = False
        self.waiter: asyncio.Future[None] | None = None
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)
        if self.waiter is not None and not self.waiter.done():
            self.waiter.set_result(None)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.head_done = True

    def on_body(self, body: bytes) -> None:
        self.pieces.append(body)

    def on_message_complete(self) -> None:
        self.done = True

    async def more(self) -> None:
        self.waiter = asyncio.get_running_loop().create_future()
        await self.waiter

    async def head(self) -> int:
        while not self.head_done:
            await self.more()
        return int(self.parser.get_status_code())

    async def piece(self) -> bytes:
        while not self.pieces and not self.done:
            await self.more()
        whole = b"".join(self.pieces)
        self.pieces.clear()
        return whole


CANDIDATES: dict[str, type[Candidate]] = {
    "httpx": Httpx,
    "aiohttp": Aiohttp,
    "pyreqwest": Pyreqwest,
    "own pool": OwnPool,
}


def text(headers: list[tuple[bytes, bytes]]) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers]


async def start(send: Send, status: int, headers: Iterable[tuple[bytes, bytes]]) -> None:
    kept = [(name.lower(), value) for name, value in headers if name.lower() not in DROPPED]
    await send({"type": "http.response.start", "status": status, "headers": kept})


def candidate_app(candidate: Candidate, upstream: str) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await lifespan(receive, send)
            return
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        headers = [(name, value) for name, value in scope["headers"] if name not in DROPPED]
        await candidate.forward(scope["method"], scope["raw_path"].decode(), headers, bytes(body), send)

    async def lifespan(receive: Receive, send: Send) -> None:
        await receive()
        async with candidate.opened(upstream):
            await send({"type": "lifespan.startup.complete"})
            await receive()
        await send({"type": "lifespan.shutdown.complete"})

    return app
