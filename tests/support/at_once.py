"""An application in process, asked as its server asks it: what came whole is offered before the layers."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, cast

import httpx

from cchc_shared.http.answers import Header
from cchc_shared.service.app import Application
from cchc_shared.service.protocol import Turn


class Waiting:
    """Stands for the turn of a request on a connection."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[httpx.Response] = asyncio.get_running_loop().create_future()
        self.gone: Callable[[], None] | None = None
        self._at_work: asyncio.Task[None]

    def work(self, answering: Coroutine[Any, Any, None]) -> None:
        self._at_work = asyncio.get_running_loop().create_task(answering)

    def answer(self, status: int, headers: Iterable[Header], body: bytes) -> None:
        kept = [header for header in headers if header[0] != b"content-length"]
        length = [] if status in (204, 304) else [(b"content-length", b"%d" % len(body))]
        self.answered.set_result(httpx.Response(status, headers=[*kept, *length], content=body))


class InProcess(httpx.ASGITransport):
    """Requests to an application. A body that comes in pieces, and whatever it does not take, meets its layers."""

    def __init__(self, app: Application, *, raise_app_exceptions: bool = True) -> None:
        super().__init__(app, raise_app_exceptions=raise_app_exceptions)
        self._application = app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._application.at_once is not None and isinstance(request.stream, httpx.ByteStream):
            scope = {
                "type": "http",
                "http_version": "1.1",
                "method": request.method,
                "scheme": request.url.scheme,
                "path": request.url.path,
                "raw_path": request.url.raw_path.split(b"?")[0],
                "query_string": request.url.query,
                "headers": [(name.lower(), value) for name, value in request.headers.raw],
                "client": ("127.0.0.1", 123),
            }
            turn = Waiting()
            if self._application.at_once(scope, request.content, cast("Turn", turn)):
                return await turn.answered
        return await super().handle_async_request(request)
