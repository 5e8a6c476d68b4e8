"""Callers who are slow on purpose are cut off, over raw sockets; those whose network is slow are not."""

import contextlib
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from cchc_shared.http.heads import BoundedHeads
from tests.support.upstreams import OpenGateway, Service, eventually

ENDLESS = b"GET /v1/tasks/large?size=0 HTTP/1.1\r\nhost: a\r\n\r\n"


@contextmanager
def connected(gateway: str, *, buffer: int | None = None) -> Iterator[socket.socket]:
    """A socket to the gateway, whose receiving side holds no more than `buffer` bytes, roughly."""
    address = urlsplit(gateway)
    with socket.socket() as caller:
        if buffer:
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        caller.settimeout(60)
        caller.connect((str(address.hostname), int(address.port or 0)))
        yield caller


def until_cut(caller: socket.socket) -> int:
    """How many bytes are still to be read until the connection ends."""
    taken = 0
    with contextlib.suppress(ConnectionResetError):
        while piece := caller.recv(1 << 20):
            taken += len(piece)
    return taken


def test_who_takes_nothing_of_an_endless_answer_is_cut_off(
    open_gateway: OpenGateway, upstream: str, service: Service
) -> None:
    with open_gateway(upstream, reader_seconds=0.5) as gateway, connected(gateway, buffer=4096) as caller:
        caller.sendall(ENDLESS)
        assert eventually(lambda: service.hung_up == 1)
        assert until_cut(caller) < 64 * 1024 * 1024
        assert httpx.get(f"{gateway}/v1/tasks").status_code == 200


def test_who_takes_it_slowly_is_not(open_gateway: OpenGateway, upstream: str, service: Service) -> None:
    size = 24 * 1024 * 1024
    with open_gateway(upstream, reader_seconds=1.0) as gateway, connected(gateway, buffer=65536) as caller:
        caller.sendall(b"GET /v1/tasks/large?size=%d HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n" % size)
        taken, pauses = 0, 0
        while piece := caller.recv(1 << 20):
            taken += len(piece)
            if taken > (pauses + 1) * size // 12:
                pauses += 1
                time.sleep(0.3)
    assert taken > size
    assert pauses >= 10, "it took longer than a reader may take nothing"


@pytest.mark.parametrize("last", [b"", b"connection: close\r\n"])
def test_who_asks_again_and_again_and_reads_nothing_is_cut_off(
    open_gateway: OpenGateway, upstream: str, service: Service, last: bytes
) -> None:
    one = b"GET /v1/tasks/large?size=1048576 HTTP/1.1\r\nhost: a\r\n"
    with open_gateway(upstream, reader_seconds=0.5) as gateway, connected(gateway, buffer=4096) as caller:
        caller.sendall((one + b"\r\n") * 15 + one + last + b"\r\n")
        time.sleep(2)
        assert until_cut(caller) < 16 * 1024 * 1024
        assert eventually(lambda: httpx.get(f"{gateway}/v1/tasks").status_code == 200)


@pytest.mark.parametrize("said", [b"", b"GET /v1/tasks HTTP/1.1\r\nhost: a\r\n"])
def test_a_head_that_does_not_come_is_not_waited_for(
    open_gateway: OpenGateway, upstream: str, service: Service, said: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(BoundedHeads, "seconds", 0.5)
    with open_gateway(upstream) as gateway, connected(gateway) as caller:
        for byte in said:
            caller.sendall(bytes([byte]))
        until_cut(caller)
    assert service.asked == 0


def test_an_upload_that_is_slow_is_not_taken_for_a_silent_service(
    open_gateway: OpenGateway, upstream: str, service: Service
) -> None:
    size = 200_000
    with open_gateway(upstream, upstream_idle_seconds=0.4) as gateway, connected(gateway) as caller:
        caller.sendall(b"POST /v1/tasks HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: %d\r\n\r\n" % size)
        for _ in range(10):
            caller.sendall(b"x" * (size // 10))
            time.sleep(0.15)
        said = b""
        while piece := caller.recv(65536):
            said += piece
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b'"size": %d' % size in said
