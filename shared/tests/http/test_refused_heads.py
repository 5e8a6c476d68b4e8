"""A head that is refused is told in the caller's language, counted and logged, as any other request."""

import json
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from prometheus_client import REGISTRY
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from cchc_shared.http.heads import MAX_HEAD, BoundedHeads
from tests.support.http import Json
from tests.support.upstreams import eventually, serving
from tests.support.vietnamese import foreign_words

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
KNOWN = f"host: a\r\ntraceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\nx-request-id: mine-1\r\n".encode()
UNREADABLE = "GET /v1/units?q=Ngập HTTP/1.1\r\n".encode()
ENDLESS = b"POST / HTTP/1.1\r\n" + KNOWN + b"%b" + b"x: " + b"y" * (MAX_HEAD + 1)
SLOW = b"PUT / HTTP/1.1\r\n" + KNOWN + b"%b"
REFUSED = {
    "unreadable": (UNREADABLE + KNOWN + b"%b\r\n", 400, "GET"),
    "two lengths": (
        b"POST / HTTP/1.1\r\n" + KNOWN + b"%bcontent-length: 1\r\ncontent-length: 2\r\n\r\n",
        400,
        "POST",
    ),
    "a method of its own": (b"FETCH / HTTP/1.1\r\n" + KNOWN + b"%b\r\n", 400, "other"),
    "endless": (ENDLESS, 431, "POST"),
    "slow": (SLOW, 408, "PUT"),
}
LANGUAGES = {
    "vi": (b"accept-language: vi\r\n", "vi"),
    "en": (b"Accept-Language: en-GB,en;q=0.9\r\n", "en"),
    "unknown": (b"", "vi, en"),
}


async def behind(scope: Scope, receive: Receive, send: Send) -> None:
    """What no refused request comes to."""
    assert scope["type"] == "lifespan"


class Impatient(BoundedHeads):
    seconds = 0.5


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    """Where a server listens that no request comes through to."""
    with serving(behind, http=Impatient) as url:
        address = urlsplit(url)
        yield str(address.hostname), int(address.port or 0)


def answered(server: tuple[str, int], request: bytes) -> tuple[str, Json]:
    """Head and problem of an answer after which the connection is closed."""
    with socket.create_connection(server, timeout=60) as connection:
        connection.sendall(request)
        said = b""
        while piece := connection.recv(65536):
            said += piece
    head, _, body = said.partition(b"\r\n\r\n")
    return head.decode("ascii"), json.loads(body)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_head_speaks_the_callers_language(server: tuple[str, int], name: str, language: str) -> None:
    header, named = LANGUAGES[language]
    head, problem = answered(server, REFUSED[name][0].replace(b"%b", header))
    assert f"content-language: {named}\r\n" in f"{head}\r\n"
    words = f"{problem['title']} {problem['detail']}"
    vietnamese, english = not foreign_words(words), "the" in words.lower().split()
    assert (vietnamese, english) == {"vi": (True, False), "en": (False, True), "vi, en": (False, True)}[named]
    if named == "vi, en":
        assert [" · " in problem[each] for each in ("title", "detail")] == [True, True]


def counted(method: str, status: int) -> float:
    labels = {"method": method, "route": "unmatched", "status": str(status)}
    return REGISTRY.get_sample_value("cchc_http_requests_total", labels) or 0


@pytest.mark.parametrize("name", REFUSED)
def test_a_refused_head_is_counted_and_has_a_line(server: tuple[str, int], name: str) -> None:
    request, status, method = REFUSED[name]
    before = counted(method, status)
    with capture_logs() as logs:
        head, _ = answered(server, request.replace(b"%b", b"authorization: Bearer x\r\n"))
        assert f"traceparent: 00-{TRACE}-" in head
        assert eventually(lambda: counted(method, status) == before + 1)
    (line,) = [dict(line) for line in logs if line["event"] == "request"]
    assert line.pop("ms") >= 0
    assert line == {
        "event": "request",
        "log_level": "info",
        "method": method,
        "route": "unmatched",
        "status": status,
        "trace_id": TRACE,
        "request_id": "mine-1",
        "caller": "token",
    }


def test_garbage_is_counted_and_has_a_line_of_its_own_each_time(server: tuple[str, int]) -> None:
    before = counted("other", 400)
    with capture_logs() as logs:
        for _ in range(5):
            head, _ = answered(server, b"\x16\x03\x01\x02\x00 a hand shake\r\n\r\n")
            assert head.startswith("HTTP/1.1 400 ")
    assert counted("other", 400) == before + 5
    assert len([line for line in logs if line["event"] == "request"]) == 5
