"""Real servers for the tests: uvicorn in a thread, and a service that answers with the very bytes it is told to."""

import asyncio
import contextlib
import hashlib
import json
import socket
import socketserver
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(condition: Callable[[], bool], seconds: float = 120) -> bool:
    """Whether the condition comes true within a bound."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


@contextlib.contextmanager
def serving(
    app: ASGIApp, port: int | None = None, http: type[asyncio.Protocol] | Literal["httptools"] = "httptools"
) -> Iterator[str]:
    """The application on a real uvicorn; yields its address."""
    port = port or free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            port=port,
            loop="uvloop",
            http=http,
            log_level="critical",
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,  # as services have it: who is asked does not hang up first
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    if not eventually(lambda: server.started or not thread.is_alive()) or not server.started:
        raise RuntimeError("the server did not start")
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def contract_of(*paths: str, tag: str = "tasks") -> dict[str, Any]:
    """The OpenAPI document of a service that answers GET on these paths, and /metrics for operators."""
    operations = {path: {"tags": [tag], "operationId": f"{tag}.get_{number}"} for number, path in enumerate(paths)}
    operations["/metrics"] = {"tags": ["health"], "operationId": "health.metrics"}
    answers = {"responses": {"200": {"description": "ok"}}}
    described = {path: {"get": {**operation, **answers}} for path, operation in operations.items()}
    return {"openapi": "3.1.0", "tags": [{"name": tag, "description": f"{tag} · {tag}"}], "paths": described}


class Service:
    """A service that says what it was asked, or is slow, large or silent, by the last part of the path.

    Its contract has `paths`.
    """

    def __init__(self, *paths: str) -> None:
        self.contract: dict[str, Any] | None = contract_of(*paths)
        """None: it answers 500 when it is asked for its contract."""
        self.reset()

    def reset(self) -> None:
        """Forget what was asked."""
        self.asked = 0
        self.looked_at = 0
        self.hung_up = 0
        self.bytes_sent = 0
        self.draining = False
        self.release = threading.Event()

    def has_seen(self, requests: int) -> bool:
        """Whether it was asked at least so often."""
        return self.asked >= requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        name = scope["path"].rpartition("/")[2]
        if name not in {"readyz", "livez", "openapi.json"}:
            self.asked += 1
        self.looked_at += name == "livez"

        async def send_on(message: Message) -> None:
            if self.draining and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"connection", b"close")]
            await send(message)

        await getattr(self, f"_{name.replace('.', '_')}", self._echo)(scope, receive, send_on)

    async def _readyz(self, _: Scope, __: Receive, send: Send) -> None:
        await reply(send, {"ready": not self.draining}, 503 if self.draining else 200)

    async def _openapi_json(self, _: Scope, __: Receive, send: Send) -> None:
        await reply(send, self.contract or {}, 200 if self.contract else 500)

    async def _echo(self, scope: Scope, receive: Receive, send: Send) -> None:
        digest, size = hashlib.sha256(), 0
        async for piece in body_of(receive):
            digest.update(piece)
            size += len(piece)
        said = {
            "method": scope["method"],
            "raw_path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "client": scope["client"][0],
            "headers": [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]],
            "size": size,
            "sha256": digest.hexdigest(),
        }
        await reply(send, said, headers=[(b"x-kept", b"1"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")])

    async def _nothing(self, _: Scope, __: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})

    async def _large(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`size` bytes, or without end, in pieces of 64 KiB; stops when the gateway hangs up."""
        size = int(parse_qs(scope["query_string"].decode()).get("size", ["0"])[0])
        gone = asyncio.create_task(wait_for_disconnect(receive))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        self.bytes_sent = 0
        while not gone.done() and (size == 0 or self.bytes_sent < size):
            await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            self.bytes_sent += 65536
            await asyncio.sleep(0)
        self.hung_up += gone.done()
        gone.cancel()
        await send({"type": "http.response.body"})

    async def _silent(self, _: Scope, receive: Receive, send: Send) -> None:
        """Answers when it is released, if anyone still listens."""
        gone = asyncio.create_task(wait_for_disconnect(receive))
        while True:
            if self.release.is_set() or gone.done():
                break
            await asyncio.sleep(0.01)
        self.hung_up += gone.done()
        gone.cancel()
        await reply(send, {})

    async def _refusing(self, _: Scope, __: Receive, send: Send) -> None:
        await reply(send, {"refused": True}, status=403)

    async def _leaving(self, _: Scope, __: Receive, send: Send) -> None:
        """Begins to drain: every answer from now on ends its connection."""
        self.draining = True
        await reply(send, {})


async def body_of(receive: Receive) -> AsyncIterator[bytes]:
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        yield message["body"]
        more = message.get("more_body", False)


async def wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def reply(send: Send, said: object, status: int = 200, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    body = json.dumps(said).encode()
    own = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": own + (headers or [])})
    await send({"type": "http.response.body", "body": body})


class OpenGateway(Protocol):
    """Opens a gateway with settings of its own; yields the gateway's address.

    `upstream` is the address of tasks-api. The other services answer and have no paths, unless settings name them.
    """

    def __call__(self, upstream: str, **settings: object) -> contextlib.AbstractContextManager[str]: ...


Script = Callable[[socket.socket], None]
TASKS_AND_FEEDBACK = ("/v1/tasks", "/v1/feedback")


def _answered(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


_OF_EVERY_SERVICE = {
    b"/readyz": _answered(b"{}"),
    b"/livez": _answered(b"{}"),
    b"/openapi.json": _answered(json.dumps(contract_of(*TASKS_AND_FEEDBACK)).encode()),
}


@contextlib.contextmanager
def scripted(*scripts: Script) -> Iterator[tuple[str, list[bytes]]]:
    """A service that plays one script for each request, the last for all further ones.

    It answers /readyz and /openapi.json by itself. Yields its address and the other request heads it saw.
    A script that closes its socket ends that connection.
    """
    heads: list[bytes] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                while self.connection.fileno() >= 0 and (head := self.head()):
                    if answer := _OF_EVERY_SERVICE.get(head.split(b" ")[1]):
                        self.connection.sendall(answer)
                        continue
                    heads.append(head)
                    scripts[min(len(heads), len(scripts)) - 1](self.connection)

        def head(self) -> bytes:
            lines = []
            while (line := self.rfile.readline()) not in (b"", b"\r\n"):
                lines.append(line)
            return b"".join(lines)

        def finish(self) -> None:
            with contextlib.suppress(OSError):
                super().finish()

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", heads
        finally:
            server.shutdown()
