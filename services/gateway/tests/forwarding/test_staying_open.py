"""An answer that stays open is passed on as it comes, for as long as it says something, and takes nobody's place."""

import asyncio
import queue
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from cchc_shared.service.protocol import OwnProtocol
from gateway.bootstrap import build_app
from gateway.settings import GatewaySettings
from tests.support.upstreams import contract_of, eventually, serving

STREAM = "/v1/events"


class Telling:
    """A service that says on each stream what it is told to say, and knows how many are open."""

    def __init__(self) -> None:
        self.contract = contract_of("/v1/tasks", STREAM)
        answers = self.contract["paths"][STREAM]["get"]["responses"]
        answers["200"]["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
        self.said: queue.Queue[bytes] = queue.Queue()
        self.open = 0
        self.every: float | None = None
        """Seconds; given: a comment is said as often."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if scope["path"] == STREAM:
            await self._stay_open(receive, send)
            return
        body = httpx.Response(200, json=self.contract if scope["path"] == "/openapi.json" else {}).content
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _stay_open(self, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        self.open += 1
        gone = asyncio.create_task(_gone(receive))
        try:
            while not gone.done():
                while not self.said.empty():
                    await send({"type": "http.response.body", "body": self.said.get(), "more_body": True})
                if self.every:
                    await send({"type": "http.response.body", "body": b":\n\n", "more_body": True})
                await asyncio.sleep(self.every or 0.005)
        finally:
            self.open -= 1
            gone.cancel()


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


@pytest.fixture
def telling() -> Iterator[tuple[Telling, str]]:
    service = Telling()
    with serving(service, http=OwnProtocol) as url:
        yield service, url


@contextmanager
def gateway(url: str, **settings: object) -> Iterator[tuple[httpx.Client, threading.Event]]:
    """A client of a gateway in front of it, and what makes the gateway stop."""
    names = ("tasks_api_url", "feedback_api_url", "dossiers_api_url", "notify_url", "scoring_api_url")
    given = {"jwks_url": "file:///nowhere", "environment": "embedded", **dict.fromkeys(names, url), **settings}
    app = build_app(GatewaySettings.model_validate(given))

    class Stop(threading.Event):
        def set(self) -> None:
            app.state.draining = True

    with serving(app, http=OwnProtocol) as address, httpx.Client(base_url=address, timeout=30) as client:
        eventually(lambda: client.get("/v1/tasks").status_code == 200)
        yield client, Stop()


def test_each_piece_is_passed_on_as_it_comes(telling: tuple[Telling, str]) -> None:
    service, url = telling
    with gateway(url) as (client, _), client.stream("GET", STREAM) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        pieces = answer.iter_raw()
        for number in range(3):
            service.said.put(b"data: %d\n\n" % number)
            assert next(pieces) == b"data: %d\n\n" % number


def test_it_may_take_longer_than_others_and_not_be_silent_for_longer(telling: tuple[Telling, str]) -> None:
    service, url = telling
    service.every = 0.05
    bounds = {"upstream_total_seconds": 0.3, "upstream_idle_seconds": 1.5}
    with gateway(url, **bounds) as (client, _), client.stream("GET", STREAM) as answer:
        pieces = answer.iter_raw()
        assert sum(len(next(pieces)) for _ in range(20)) >= 60
        service.every = None
        with pytest.raises(httpx.RemoteProtocolError):
            list(pieces)


def test_it_takes_no_place_of_other_requests(telling: tuple[Telling, str]) -> None:
    service, url = telling
    with gateway(url, upstream_in_flight=2, max_in_flight=2) as (client, _), ExitStack() as held:
        for _ in range(6):
            held.enter_context(client.stream("GET", STREAM))
        assert eventually(lambda: service.open == 6)
        assert [client.get("/v1/tasks").status_code for _ in range(3)] == [200] * 3
        held.close()
        assert eventually(lambda: service.open == 0), "whoever hangs up is not told any more"
        assert [client.get("/v1/tasks").status_code for _ in range(3)] == [200] * 3


def test_a_gateway_that_stops_ends_it_whole(telling: tuple[Telling, str]) -> None:
    service, url = telling
    with gateway(url) as (client, stop), client.stream("GET", STREAM) as answer:
        service.said.put(b"id: 1\ndata: 1\n\n")
        pieces = answer.iter_raw()
        taken = [next(pieces)]
        stop.set()
        assert [*taken, *pieces] == [b"id: 1\ndata: 1\n\n"]


def test_of_a_head_there_is_no_end_to_wait_for(telling: tuple[Telling, str]) -> None:
    service, url = telling
    with gateway(url) as (client, _):
        answer = client.head(STREAM)
        assert (answer.status_code, answer.content) == (200, b"")
        assert eventually(lambda: service.open == 0)
