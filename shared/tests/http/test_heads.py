"""The head of a request is received within bounds, and what comes when none is awaited keeps no connection open."""

import asyncio
import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send

from cchc_shared.http.heads import MAX_HEAD, BoundedHeads
from tests.support.upstreams import serving
from tests.support.waiting import until_now


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


class Impatient(BoundedHeads):
    seconds = 0.3


class SoonIdle(BoundedHeads):
    """Does not wait long for the next request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.timeout_keep_alive = 1


@pytest.fixture
def connection(request: pytest.FixtureRequest) -> Iterator[socket.socket]:
    with serving(app, http=getattr(request, "param", Impatient)) as url:
        address = urlsplit(url)
        with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=60) as opened:
            yield opened


def received(connection: socket.socket) -> bytes:
    """All bytes until the connection is closed."""
    said = b""
    while piece := connection.recv(65536):
        said += piece
    return said


WHOLE = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nhost: a\r\nx: ", b"G"])
def test_a_head_that_trickles_is_given_up(connection: socket.socket, begun: bytes) -> None:
    connection.sendall(begun)
    answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 408 Request Timeout\r\n")
    assert b'"code":"request-timeout"' in answer


def test_so_is_a_later_head_of_the_connection(connection: socket.socket) -> None:
    connection.sendall(WHOLE)
    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    connection.sendall(b"GET / HTTP/1.1\r\n")
    assert b" 408 " in received(connection)


def test_a_connection_on_which_nothing_is_asked_is_closed_without_a_word(connection: socket.socket) -> None:
    assert received(connection) == b""


@pytest.mark.parametrize("connection", [BoundedHeads], indirect=True)
def test_a_head_that_grows_without_end_is_refused(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"y" * (MAX_HEAD + 1))
    answer = received(connection)
    assert answer.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert b'"limit":65536' in answer


def test_requests_that_follow_each_other_in_time_are_answered(connection: socket.socket) -> None:
    for _ in range(3):
        connection.sendall(WHOLE)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("connection", [SoonIdle], indirect=True)
@pytest.mark.parametrize(
    ("request_", "trickle"),
    [
        (b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9999999\r\n\r\n", b"x"),
        (b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (WHOLE, b"\r\n"),
    ],
)
def test_what_trickles_after_an_answer_does_not_keep_the_connection(
    connection: socket.socket, request_: bytes, trickle: bytes
) -> None:
    connection.sendall(request_)
    assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    connection.settimeout(0.02)

    def closed() -> bool:
        try:
            connection.sendall(trickle)
            return connection.recv(65536) == b""
        except TimeoutError:
            return False
        except OSError:
            return True

    assert until_now(closed)


@pytest.mark.parametrize(
    "unreadable",
    [
        "GET /v1/units?q=Ngập HTTP/1.1\r\nhost: a\r\n\r\n".encode(),
        "GET /v1/units/Ngập HTTP/1.1\r\nhost: a\r\n\r\n".encode(),
        b"FETCH / HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    ],
)
def test_a_head_that_cannot_be_read_is_a_problem(connection: socket.socket, unreadable: bytes) -> None:
    connection.sendall(unreadable)
    head, _, body = received(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"content-type: application/problem+json" in head
    assert b"cache-control: no-store" in head
    problem = json.loads(body)
    assert problem["code"] == "bad-request"
    assert "%E1%BA%AD" in problem["detail"]
