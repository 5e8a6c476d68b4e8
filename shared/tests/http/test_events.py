"""An answer that stays open took until it began, and leaves its place to others."""

import asyncio

import pytest
from prometheus_client import REGISTRY
from starlette.types import Message, Receive, Scope, Send

from cchc_shared.http import middleware
from cchc_shared.http.events import HEAD_ONLY, stays_open
from cchc_shared.http.middleware import Conventions, Places
from cchc_shared.http.receiving import BodyBounds


@pytest.mark.parametrize(
    ("value", "open_"),
    [(b"text/event-stream", True), (b"text/event-stream; charset=utf-8", True), (b"application/json", False)],
)
def test_it_is_known_by_its_type(value: bytes, *, open_: bool) -> None:
    assert stays_open([(b"a", b"text/event-stream"), (b"content-type", value)]) is open_


class State:
    draining = False
    declared: dict[object, object] = {}  # noqa: RUF012 - nobody changes it


class Clock:
    """Moved by hand."""

    now = 1.0

    def perf_counter(self) -> float:
        return self.now


class App:
    state = State()


@pytest.mark.parametrize("kind", [b"text/event-stream", b"application/json"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_its_place_is_free_while_it_is_open(kind: bytes, method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(middleware, "time", clock)
    places, begun, end = Places(5), asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (HEAD_ONLY in scope) == (method == "HEAD")
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        begun.set()
        await end.wait()
        await send({"type": "http.response.body"})

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        await asyncio.sleep(0)

    scope = {
        "type": "http", "method": method, "path": "/v1/events", "raw_path": b"/v1/events", "query_string": b"",
        "http_version": "1.1", "headers": [(b"host", b"a")], "app": App(),
    }  # fmt: skip
    layers = Conventions(app, places, BodyBounds(100, 1, 1))
    answering = asyncio.create_task(layers(scope, receive, send))
    await begun.wait()
    is_open = kind == b"text/event-stream"
    assert places.free == 5 - (not is_open)
    labels = {"method": method, "route": "unmatched"}
    before = REGISTRY.get_sample_value("cchc_http_request_seconds_sum", labels) or 0
    clock.now += 1000
    end.set()
    await answering
    assert places.free == 5
    took = (REGISTRY.get_sample_value("cchc_http_request_seconds_sum", labels) or 0) - before
    assert took == (0 if is_open else 1000)
