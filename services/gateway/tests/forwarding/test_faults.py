"""Services that are slow, gone, restarting or draining, and callers who are."""

import asyncio
import socket
import struct
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest

from tests.support.upstreams import OpenGateway, Script, Service, eventually, free_port, scripted, serving

OK = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}"
EN = {"Accept-Language": "en"}


def reset(connection: socket.socket) -> None:
    """End the connection as a killed process does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


def ok(connection: socket.socket) -> None:
    connection.sendall(OK)


def says(*pieces: bytes) -> Script:
    def script(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)
        connection.shutdown(socket.SHUT_RDWR)

    return script


def code_of(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize(
    ("method", "headers", "status", "asked"),
    [
        ("POST", {}, 502, 1),
        ("POST", {"Idempotency-Key": "k"}, 201, 2),
        ("PATCH", {}, 502, 1),
        ("GET", {}, 201, 2),
        ("PUT", {}, 201, 2),
    ],
)
def test_what_was_sent_is_sent_again_only_where_that_does_no_harm(
    open_gateway: OpenGateway, method: str, headers: dict[str, str], status: int, asked: int
) -> None:
    with scripted(reset, ok) as (upstream, heads), open_gateway(upstream) as gateway:
        answer = httpx.request(method, f"{gateway}/v1/feedback", headers=headers)
    assert (answer.status_code, len(heads)) == (status, asked)
    assert answer.status_code != 502 or code_of(answer) == (502, "bad-gateway")


def test_a_connection_that_went_stale_is_not_written_to(open_gateway: OpenGateway) -> None:
    with scripted(says(OK), ok) as (upstream, heads), open_gateway(upstream) as gateway:
        assert httpx.post(f"{gateway}/v1/feedback").status_code == 201
        time.sleep(0.2)
        assert httpx.post(f"{gateway}/v1/feedback").status_code == 201
    assert len(heads) == 2


def test_an_answer_cut_short_does_not_look_whole(open_gateway: OpenGateway) -> None:
    half = says(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", b"0123456789")
    with scripted(half, ok) as (upstream, heads), open_gateway(upstream) as gateway:
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{gateway}/v1/tasks")
        assert httpx.get(f"{gateway}/v1/tasks").status_code == 201
    assert len(heads) == 2


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 200_000,
    ],
)
def test_what_is_not_http_is_lost(open_gateway: OpenGateway, said: bytes) -> None:
    with scripted(says(said)) as (upstream, _), open_gateway(upstream) as gateway:
        assert code_of(httpx.get(f"{gateway}/v1/tasks")) == (502, "bad-gateway")


def test_an_answer_may_end_with_its_connection_or_follow_an_interim_one(open_gateway: OpenGateway) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"
    script = says(hints, b"HTTP/1.0 200 OK\r\n\r\nto the ", b"end")
    with scripted(script) as (upstream, _), open_gateway(upstream) as gateway:
        answer = httpx.get(f"{gateway}/v1/tasks")
    assert (answer.status_code, answer.text, "link" in answer.headers) == (200, "to the end", False)


async def test_a_silent_service_is_not_waited_for_without_end(
    upstream: str, open_gateway: OpenGateway, service: Service
) -> None:
    for bound in ("upstream_idle_seconds", "upstream_total_seconds"):
        with open_gateway(upstream, **{bound: 0.2}) as gateway:
            async with httpx.AsyncClient(headers=EN) as client:
                answer = await client.post(f"{gateway}/v1/feedback/silent")
        assert code_of(answer) == (504, "service-timeout")
        assert "not known" in answer.json()["detail"]
    assert eventually(lambda: service.hung_up == 2)


async def test_a_service_that_restarts_is_waited_for(open_gateway: OpenGateway, service: Service) -> None:
    port = free_port()
    with open_gateway(f"http://127.0.0.1:{port}") as gateway:
        async with httpx.AsyncClient(timeout=20) as client:
            asked = [asyncio.create_task(client.post(f"{gateway}/v1/feedback", content=b"x")) for _ in range(20)]
            await asyncio.sleep(0.3)
            with serving(service, port):
                answers = await asyncio.gather(*asked)
    assert [answer.status_code for answer in answers] == [200] * 20
    assert service.asked == 20


async def test_a_service_that_stays_away_is_not(open_gateway: OpenGateway) -> None:
    with open_gateway(f"http://127.0.0.1:{free_port()}", upstream_restart_seconds=0.2) as gateway:
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{gateway}/v1/tasks")
            assert code_of(answer) == (503, "service-unavailable")
            assert "tạm thời" in answer.json()["detail"]
            assert (await client.get(f"{gateway}/livez")).status_code == 200


async def test_a_draining_service_is_left_alone_until_it_is_back(
    upstream: str, open_gateway: OpenGateway, service: Service
) -> None:
    with open_gateway(upstream) as gateway:
        async with httpx.AsyncClient(timeout=20) as client:
            assert (await client.post(f"{gateway}/v1/tasks/leaving")).status_code == 200
            held = asyncio.create_task(client.post(f"{gateway}/v1/tasks"))
            done, _ = await asyncio.wait([held], timeout=0.3)
            assert not done
            assert service.asked == 1
            service.draining = False
            assert (await held).status_code == 200


def test_a_rolling_restart_under_load_fails_no_request(open_gateway: OpenGateway, service: Service) -> None:
    """Three times: say that it drains, stop listening, come back on the same port; nothing here is safe to repeat."""
    port, over = free_port(), threading.Event()

    def post_until_over(gateway: str) -> list[int]:
        with httpx.Client(timeout=20) as client:
            statuses = []
            while not over.is_set():
                statuses.append(client.post(f"{gateway}/v1/feedback", content=b"x").status_code)
            return statuses

    with open_gateway(f"http://127.0.0.1:{port}") as gateway, ThreadPoolExecutor(8) as callers:
        posted = [callers.submit(post_until_over, gateway) for _ in range(8)]
        for _ in range(3):
            service.draining = False
            with serving(service, port):
                enough = service.asked + 50
                assert eventually(partial(service.has_seen, enough))
                service.draining = True
                time.sleep(0.2)
        service.draining = False
        with serving(service, port):
            over.set()
            answers = [status for one in posted for status in one.result()]
    assert set(answers) == {200}
    assert len(answers) == service.asked


async def test_more_than_a_service_may_have_is_refused_at_once(
    upstream: str, open_gateway: OpenGateway, service: Service
) -> None:
    other = Service("/v1/scores")
    with serving(other) as scoring, open_gateway(upstream, upstream_in_flight=2, scoring_api_url=scoring) as gateway:
        async with httpx.AsyncClient(headers=EN, timeout=20) as client:
            held = [asyncio.create_task(client.get(f"{gateway}/v1/tasks/silent")) for _ in range(2)]
            await asyncio.to_thread(eventually, lambda: service.asked == 2)
            answer = await client.get(f"{gateway}/v1/tasks")
            assert code_of(answer) == (503, "overloaded")
            # The bound is each service's own: another still answers.
            assert (await client.get(f"{gateway}/v1/scores")).status_code == 200
            service.release.set()
            assert {(await one).status_code for one in held} == {200}
            assert (await client.get(f"{gateway}/v1/tasks")).status_code == 200


async def test_a_caller_who_hangs_up_ends_the_work(gateway: str, service: Service) -> None:
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"{gateway}/v1/tasks/silent", timeout=0.3)
    assert await asyncio.to_thread(eventually, lambda: service.hung_up == 1)


async def test_a_caller_who_stops_reading_stops_the_service(gateway: str, service: Service) -> None:
    """The service sends without end: what is on its way stays bounded, and ends when the caller hangs up."""
    with socket.create_connection(("127.0.0.1", urlsplit(gateway).port or 0), 5) as caller:
        caller.sendall(b"GET /v1/tasks/large HTTP/1.1\r\nhost: x\r\n\r\n")
        await asyncio.to_thread(eventually, lambda: service.bytes_sent > 0)
        await asyncio.sleep(0.5)
        sent = service.bytes_sent
        await asyncio.sleep(0.5)
        assert service.bytes_sent == sent < 64 * 1024 * 1024
    assert await asyncio.to_thread(eventually, lambda: service.hung_up == 1)


async def test_a_caller_who_leaves_in_the_middle_of_an_upload_is_let_go(gateway: str, service: Service) -> None:
    with socket.create_connection(("127.0.0.1", urlsplit(gateway).port or 0), 5) as caller:
        caller.sendall(b"POST /v1/tasks HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n" + b"x" * 200_000)
        assert await asyncio.to_thread(eventually, lambda: service.asked == 1)
    async with httpx.AsyncClient() as client:
        assert (await client.get(f"{gateway}/v1/tasks")).status_code == 200


def test_a_body_that_trickles_is_cut(upstream: str, open_gateway: OpenGateway, service: Service) -> None:
    with open_gateway(upstream, body_seconds=0.3) as gateway:
        address = urlsplit(gateway)
        with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=60) as connection:
            connection.sendall(b"POST /v1/feedback HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{")
            said = b""
            while piece := connection.recv(65536):
                said += piece
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"request-timeout" in said
    assert b"connection: close" in said
    assert service.asked == 0
