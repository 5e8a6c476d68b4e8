"""What goes the short way is answered as the layers would, and what does not end there goes on with them."""

import http.client
import json
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from starlette.types import Scope
from structlog.testing import capture_logs
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from cchc_shared.service.app import Application
from cchc_shared.service.protocol import OwnProtocol, Turn
from gateway.bootstrap import build_app
from gateway.forwarding import short_way
from gateway.settings import GatewaySettings
from tests.support.upstreams import Service, eventually, scripted, serving

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Answer(NamedTuple):
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass
class Gateway:
    """A gateway whose short way counts whom it takes."""

    url: str
    app: Application
    taken: int = 0

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        return str(parts.hostname), int(parts.port or 0)

    def with_a_connection(self) -> "Gateway":
        """To the service, at hand; nothing has been taken since."""
        assert httpx.get(f"{self.url}/v1/tasks").status_code < 300
        self.taken = 0
        return self

    def send(self, *pieces: bytes, answers: int = 1) -> list[Answer]:
        """Answers to what is written to the socket as it stands."""
        with socket.create_connection(self.address, timeout=60) as connection, connection.makefile("rb") as file:
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(0.05 * (len(pieces) > 1))
            found = [_read(file, bodiless=pieces[0].startswith(b"HEAD")) for _ in range(answers)]
            connection.shutdown(socket.SHUT_WR)
            assert file.read() == b"", "more than was asked for"
            return found


def _read(file: BinaryIO, *, bodiless: bool = False) -> Answer:
    status = 100
    while status == 100:
        status = int(file.readline().split()[1])
        headers = http.client.parse_headers(file)
    if bodiless or status in {204, 304}:
        body = b""
    elif headers.get("transfer-encoding") == "chunked":
        body = b""
        while size := int(file.readline(), 16):
            body += file.read(size)
            file.readline()
        file.readline()
    elif "content-length" in headers:
        body = file.read(int(headers["content-length"]))
    else:
        body = file.read()
    return Answer(status, headers.items(), body)


@contextmanager
def opened(upstream: str, *, short: bool = True, **settings: object) -> Iterator[Gateway]:
    """With a connection at hand to the service, which owns every path; whatever was taken gives its places back."""
    with serving(Service()) as elsewhere, _opened(upstream, elsewhere, short, settings) as gateway:
        yield gateway


@contextmanager
def _opened(upstream: str, elsewhere: str, short: bool, settings: dict[str, object]) -> Iterator[Gateway]:
    urls = {
        "tasks_api_url": upstream,
        "feedback_api_url": elsewhere,
        "dossiers_api_url": elsewhere,
        "notify_url": elsewhere,
        "scoring_api_url": elsewhere,
    }
    given = {"jwks_url": "file:///nowhere", "environment": "embedded", **urls, **settings}
    app = build_app(GatewaySettings.model_validate(given))
    assert isinstance(app, Application)
    gateway = Gateway("", app)
    way = app.at_once
    assert isinstance(way, short_way.ShortWay)
    upstreams = way._upstreams.values()

    def counted(scope: Scope, body: bytes, turn: Turn) -> bool:
        took = way(scope, body, turn)
        gateway.taken += took
        return took

    places = app.places.free
    with serving(app, http=OwnProtocol) as gateway.url:
        app.at_once = counted if short else None
        yield gateway.with_a_connection()
        assert eventually(lambda: app.places.free == places)
        assert eventually(lambda: {each._at_work for each in upstreams} == {0})


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_long() -> Iterator[None]:
    """What ought to be handed over for another reason would be once it took long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(short_way, "LONG_SECONDS", 1e9)
        yield


@pytest.fixture(scope="module")
def pair(upstream: str) -> Iterator[tuple[Gateway, Gateway]]:
    """The same gateway with and without a short way."""
    with opened(upstream) as short, opened(upstream, short=False) as long:
        yield short, long


@pytest.fixture
def gateway(pair: tuple[Gateway, Gateway], service: Service) -> Gateway:
    gateway = pair[0].with_a_connection()
    service.reset()
    return gateway


def request(
    method: str = "POST",
    target: str = "/v1/feedback",
    headers: tuple[tuple[str, str], ...] = (),
    body: bytes = b"{}",
    version: str = "1.1",
) -> bytes:
    length = (("content-length", str(len(body))),) if body else ()
    lines = [
        f"{method} {target} HTTP/{version}",
        "host: here",
        *(f"{name}: {value}" for name, value in headers + length),
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def test_what_is_plain_goes_the_short_way(gateway: Gateway, service: Service) -> None:
    for _ in range(3):
        [answer] = gateway.send(request())
        assert answer.status == 200
    assert (gateway.taken, service.asked) == (3, 3)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ((request(method="HEAD", body=b""),), 200),
        ((request(version="1.0", headers=(("connection", "keep-alive"),)),), 200),
        ((request(headers=(("x-own", "1"), ("x-own", "2"))),), 200),
        ((request(headers=(("host", "there"),)),), 400),
        ((request(target="/v1/feedback?q=%C4%91"),), 200),
        ((request(target="/v1/feedback/%C4%91"),), 200),
        ((request(target="/v1/tasks/a%00b"),), 400),
        ((request(target="/v1/tasks/..%2fx"),), 400),
        ((request(headers=(("origin", "https://app.example"),)),), 200),
        ((request(body=b"x" * 70_000),), 200),
        ((request(body=b"x" * 50)[:-20], b"x" * 20), 200),
        ((request(method="GET", target="/livez", body=b""),), 200),
        ((request(method="GET", target="/v1/nowhere", body=b""),), 404),
    ],
)
def test_what_is_not_plain_meets_the_layers(gateway: Gateway, sent: tuple[bytes, ...], status: int) -> None:
    assert (gateway.send(*sent)[0].status, gateway.taken) == (status, 0)


NAMES = st.sampled_from(
    (
        *("accept", "accept-language", "authorization", "connection", "cookie", "forwarded", "idempotency-key"),
        *(
            "expect",
            "if-none-match",
            "keep-alive",
            "te",
            "trailer",
            "traceparent",
            "upgrade",
            "x-forwarded-for",
            "x-forwarded-proto",
            "x-own",
            "x-timeout-seconds",
        ),
        "x-request-id",
    )
)
VALUES = st.sampled_from(
    (
        *("", "1", "vi", "*", '"a"', "é", "a b", "close", "keep-alive", "x-own", "https", "unknown", "10.1.2.3"),
        *("100-continue", "h2c", "203.0.113.7, 10.1.2.3", TRACE, TRACE[:-1]),
    )
)
TARGETS = (
    *("/v1/tasks", "/v1/feedback/nothing", "/v1/tasks/refusing", "/v1/feedback?a=1&b=", "/v1/tasks/a%C3%A9", "/livez"),
    *("/v1/none", "/v1/tasks/large?size=131072"),
)
REQUESTS = st.builds(
    request,
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "HEAD", "OPTIONS"]),
    target=st.sampled_from(TARGETS),
    headers=st.lists(st.tuples(NAMES, VALUES), max_size=4).map(tuple),
    # No larger ones: who is refused unread may lose the answer with the connection.
    body=st.sampled_from([b"", b"{}", b"x" * 3_000]),
    version=st.sampled_from(["1.1", "1.1", "1.0"]),
)
DRAWN = {"date", "traceparent", "x-request-id", "x-timeout-seconds"}
"""Another one each time, unless the caller gave it; how long the gateway still waits is never the caller's word."""


def compared(answer: Answer) -> tuple[int, list[tuple[str, str]], Any]:
    """Without what is drawn anew, and without how the length of the body is said."""
    headers = sorted((n, v) for n, v in answer.headers if n not in DRAWN | {"content-length", "transfer-encoding"})
    if not answer.body.startswith(b'{"method"'):
        return answer.status, headers, answer.body
    echoed = json.loads(answer.body)
    echoed["headers"] = sorted([n, v] for n, v in echoed["headers"] if n not in DRAWN)
    return answer.status, headers, echoed


@given(sent=REQUESTS)
def test_both_ways_ask_and_answer_alike(pair: tuple[Gateway, Gateway], sent: bytes) -> None:
    short, long = (compared(gateway.send(sent)[0]) for gateway in pair)
    assert short == long


def drawn(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers if name in DRAWN - {"date", "x-timeout-seconds"}}


def test_a_trace_is_continued_or_begun(gateway: Gateway) -> None:
    [given] = gateway.send(request(headers=(("traceparent", TRACE), ("x-request-id", "mine"))))
    assert drawn(given) == {"traceparent": TRACE, "x-request-id": "mine"}
    [begun] = gateway.send(request())
    asked = dict(json.loads(begun.body)["headers"])
    assert drawn(begun) == {name: asked[name] for name in drawn(begun)}
    assert asked["traceparent"].split("-")[1] == asked["x-request-id"]
    assert gateway.taken == 2


ANSWERS = (
    b'HTTP/1.1 200 OK\r\ncontent-length: 2\r\netag: "a"\r\nvary: x\r\n\r\n{}',
    b'HTTP/1.1 304 Not Modified\r\netag: "a"\r\ncontent-length: 2\r\n\r\n',
    b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
    b"HTTP/1.1 599 \r\ncontent-length: 1\r\ncache-control: public\r\n\r\nx",
    b"HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n" + b"x" * 70_000,
    b"HTTP/1.0 200 OK\r\n\r\nto the end",
    b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
    b"SSH-2.0-OpenSSH_9.6\r\n",
)


def ok(connection: socket.socket) -> None:
    connection.sendall(ANSWERS[0])


@pytest.mark.parametrize("said", ANSWERS)
def test_whatever_a_service_says_comes_out_alike(said: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.sendall(said)
        if b"content-length: 2" not in said:
            connection.shutdown(socket.SHUT_WR)

    sent = request(method="GET", headers=(("if-none-match", '"a"'), ("connection", "close")), body=b"")
    answers = []
    for short in (True, False):
        with scripted(ok, script) as (upstream, _), opened(upstream, short=short) as gateway:
            answers.append(compared(gateway.send(sent)[0]))
            assert gateway.taken == short
    assert answers[0] == answers[1]


@pytest.mark.parametrize("short", [True, False])
def test_what_a_service_sends_whole_arrives_whole(short: bool) -> None:
    """It knows why the tag that the caller has is not enough: a task becomes overdue without a new version."""
    sent = request(method="GET", headers=(("if-none-match", '"a"'), ("connection", "close")), body=b"")
    with scripted(ok, ok) as (upstream, _), opened(upstream, short=short) as gateway:
        [answer] = gateway.send(sent)
        assert (answer.status, answer.body) == (200, b"{}")


def test_requests_sent_at_once_are_answered_in_order(gateway: Gateway) -> None:
    sent = [request(body=b"x" * size) for size in (3, 1, 2)]
    assert [json.loads(answer.body)["size"] for answer in gateway.send(b"".join(sent), answers=3)] == [3, 1, 2]
    assert gateway.taken == 1


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@pytest.mark.parametrize(("headers", "status", "asked"), [((), 502, 1), ((("idempotency-key", "k"),), 200, 2)])
def test_what_is_lost_on_the_short_way_is_sent_again_only_where_that_does_no_harm(
    headers: tuple[tuple[str, str], ...], status: int, asked: int
) -> None:
    with scripted(ok, reset, ok) as (upstream, heads), opened(upstream) as gateway:
        [answer] = gateway.send(request(headers=headers))
        assert (answer.status, len(heads) - 1, gateway.taken) == (status, asked, 1)
    traces = {line for head in heads[1:] for line in head.splitlines() if line.startswith(b"traceparent")}
    assert traces == {f"traceparent: {drawn(answer)['traceparent']}".encode()}, "it is one request"


def test_who_waits_long_is_waited_for_by_the_layers(
    upstream: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(short_way, "LONG_SECONDS", 0.2)
    with opened(upstream, upstream_total_seconds=1) as gateway, capture_logs() as logs:
        [slow] = gateway.send(request(target="/v1/tasks/silent"))
        assert (slow.status, json.loads(slow.body)["code"], gateway.taken) == (504, "service-timeout", 1)
        service.release.set()
        gateway.with_a_connection()
        [answer] = gateway.send(request(target="/v1/tasks/silent", headers=(("traceparent", TRACE),)))
        assert (answer.status, gateway.taken) == (200, 1)
        assert eventually(lambda: sum(line.get("trace_id") == TRACE.split("-")[1] for line in logs) == 1)
    first, second = (line for line in logs if line["event"] == "request" and line["method"] == "POST")
    assert first["ms"] > 1_200, "it counts from the beginning of the request"
    assert second["trace_id"] == TRACE.split("-")[1]
    assert drawn(answer)["traceparent"] == TRACE


def test_a_large_answer_is_asked_for_once(gateway: Gateway, service: Service) -> None:
    [answer] = gateway.send(request(method="GET", target="/v1/tasks/large?size=1048576", body=b""))
    assert (answer.status, len(answer.body), service.asked, gateway.taken) == (200, 1_048_576, 1, 1)


def test_a_caller_who_hangs_up_ends_the_work(gateway: Gateway, service: Service) -> None:
    with capture_logs() as logs:
        with socket.create_connection(gateway.address, timeout=60) as caller:
            caller.sendall(request(target="/v1/tasks/silent"))
            assert eventually(lambda: service.asked == 1)
        assert eventually(lambda: service.hung_up == 1)
        assert eventually(lambda: any(line["event"] == "request" for line in logs))
    [line] = [line for line in logs if line["event"] == "request"]
    assert (line["status"], line["route"], gateway.taken) == (None, "/v1/tasks", 1)


def test_a_caller_who_is_gone_when_the_layers_begin_ends_the_work(
    upstream: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = OwnProtocol.start

    def too_late(self: OwnProtocol, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        cycle.disconnected = True
        start(self, cycle, app)

    with opened(upstream) as gateway:
        monkeypatch.setattr(short_way, "LONG_SECONDS", 0.1)
        monkeypatch.setattr(OwnProtocol, "start", too_late)
        with socket.create_connection(gateway.address, timeout=60) as caller:
            caller.sendall(request(target="/v1/tasks/silent"))
            assert eventually(lambda: service.hung_up == 1)
        assert gateway.taken == 1


def test_a_gateway_that_is_full_takes_no_more(upstream: str) -> None:
    with opened(upstream) as gateway:
        gateway.app.places.free, places = 0, gateway.app.places.free
        [refused] = gateway.send(request())
        assert (refused.status, json.loads(refused.body)["code"], gateway.taken) == (503, "overloaded", 0)
        gateway.app.places.free = places


def test_a_gateway_that_leaves_says_so(upstream: str) -> None:
    with opened(upstream) as gateway:
        gateway.app.state.draining = True
        [last] = gateway.send(request())
        assert (last.status, dict(last.headers)["connection"], gateway.taken) == (200, "close", 1)


def test_it_is_counted_as_any_other(gateway: Gateway) -> None:
    labels = {"method": "PATCH", "route": "/v1/tasks", "status": "200"}
    before = REGISTRY.get_sample_value("cchc_http_requests_total", labels) or 0
    gateway.send(request(method="PATCH", target="/v1/tasks/NV-1"))
    assert eventually(lambda: REGISTRY.get_sample_value("cchc_http_requests_total", labels) == before + 1)
    assert gateway.taken == 1
