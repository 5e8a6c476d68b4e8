"""What is forwarded, and how: headers, bodies, paths."""

import hashlib
import http.client
import json
import socket
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client import REGISTRY

from tests.support.upstreams import OpenGateway, Service


@pytest.fixture
def client(gateway: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=gateway, timeout=20) as opened:
        yield opened


def said(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body | {"headers": dict(body["headers"])}


def raw(gateway: str, method: str, target: str, **headers: str) -> tuple[int, dict[str, Any]]:
    """A request whose target no client library has tidied."""
    connection = http.client.HTTPConnection(urlsplit(gateway).netloc, timeout=10)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    finally:
        connection.close()


def test_the_request_arrives_as_it_was_sent(client: httpx.Client) -> None:
    own = httpx.Headers({"X-Own": "đ"}, encoding="utf-8")
    answer = client.post("/v1/feedback/Đ%20a?q=%C4%91&q=2", content=b'{"a":1}', headers=own)
    echoed = said(answer)
    assert (echoed["method"], echoed["query"], echoed["size"]) == ("POST", "q=%C4%91&q=2", 7)
    assert echoed["raw_path"] == "/v1/feedback/%C4%90%20a"
    assert echoed["headers"]["x-own"].encode("latin-1").decode() == "đ"
    assert answer.headers["x-kept"] == "1"
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert len(answer.headers.get_list("date")) == 1


def test_headers_of_the_connection_are_not_forwarded(client: httpx.Client) -> None:
    headers = {"Connection": "keep-alive, X-Hop", "X-Hop": "1", "TE": "trailers", "Proxy-Authorization": "x"}
    echoed = said(client.get("/v1/tasks", headers=headers))["headers"]
    assert echoed.keys().isdisjoint({"x-hop", "te", "proxy-authorization", "connection"})


def test_only_the_gateway_says_who_calls(client: httpx.Client) -> None:
    forged = {"Forwarded": "for=10.0.0.1", "X-Real-IP": "10.0.0.1"}
    echoed = said(client.get("/v1/tasks", headers=forged))["headers"]
    assert echoed["x-forwarded-for"] == "127.0.0.1"
    assert echoed["x-forwarded-proto"] == "http"
    assert echoed.keys().isdisjoint({"forwarded", "x-real-ip"})


def test_a_trace_is_continued_and_returned(client: httpx.Client) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answer = client.get("/v1/tasks", headers={"traceparent": trace, "X-Request-Id": "mine-1"})
    assert said(answer)["headers"]["traceparent"].split("-")[1] == trace.split("-")[1]
    assert said(answer)["headers"]["x-request-id"] == answer.headers["x-request-id"] == "mine-1"


def test_a_trace_begins_where_none_was_given(client: httpx.Client) -> None:
    answer = client.get("/v1/tasks", headers={"X-Request-Id": "not sane\t!"})
    trace = said(answer)["headers"]["traceparent"]
    assert answer.headers["x-request-id"] == trace.split("-")[1]
    assert len(answer.headers.get_list("traceparent")) == 1


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 3_000_000])
@pytest.mark.parametrize("chunked", [False, True])
def test_bodies_pass_unchanged(upstream: str, open_gateway: OpenGateway, size: int, chunked: bool) -> None:
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(content), 50_000):
            yield content[start : start + 50_000]

    with open_gateway(upstream, max_body_bytes=4_000_000) as gateway:
        answer = httpx.post(f"{gateway}/v1/feedback", content=pieces() if chunked else content, timeout=20)
    echoed = said(answer)
    assert (echoed["size"], echoed["sha256"]) == (size, hashlib.sha256(content).hexdigest())


def test_large_answers_pass_in_pieces(client: httpx.Client) -> None:
    size = 0
    with client.stream("GET", "/v1/feedback/large?size=10485760") as answer:
        for piece in answer.iter_raw():
            size += len(piece)
    assert size == 10_485_760


def test_answers_without_a_body(client: httpx.Client) -> None:
    assert client.post("/v1/tasks/nothing").status_code == 204
    head = client.head("/v1/tasks")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) > 0
    assert client.get("/v1/tasks").status_code == 200


def test_fifty_at_once(client: httpx.Client) -> None:
    def ask(number: int) -> bool:
        return bool(said(client.post("/v1/feedback", content=b"x" * number))["size"] == number)

    with ThreadPoolExecutor(50) as callers:
        assert all(callers.map(ask, range(200)))


@pytest.mark.parametrize("path", ["/v1/nowhere", "/v1/statistics", "/internal"])
@pytest.mark.parametrize(("language", "word"), [("vi", "Không"), ("en", "There is no such path")])
def test_a_path_that_nobody_owns_is_a_problem(
    client: httpx.Client, service: Service, path: str, language: str, word: str
) -> None:
    answer = client.get(path, headers={"Accept-Language": language})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert word in answer.json()["detail"]
    assert service.asked == 0


def test_health_routes_are_answered_by_the_gateway_itself(client: httpx.Client, service: Service) -> None:
    assert client.get("/livez").json() == {"status": "alive"}
    assert client.get("/readyz").status_code in {200, 503}
    assert service.asked == 0


def test_forwarded_requests_are_counted_by_the_path_of_their_contract(client: httpx.Client) -> None:
    labels = {"method": "GET", "route": "/v1/tasks", "status": "200"}
    before = REGISTRY.get_sample_value("cchc_http_requests_total", labels) or 0
    assert client.get("/v1/tasks/NV-1").status_code == 200
    assert REGISTRY.get_sample_value("cchc_http_requests_total", labels) == before + 1


def test_metrics_are_not_at_the_public_address(client: httpx.Client, service: Service) -> None:
    assert client.get("/metrics").status_code == 404
    assert service.asked == 0


@pytest.mark.parametrize("target", ["/v1/tasks/../../metrics", "/v1/tasks/%2e%2e/x", "/v1/tasks/a%2Fb", "/v1/tasks//x"])
def test_a_path_with_two_meanings_is_refused(gateway: str, service: Service, target: str) -> None:
    status, problem = raw(gateway, "GET", target)
    assert (status, problem["code"], service.asked) == (400, "invalid-path", 0)


@pytest.mark.parametrize(("version", "status"), [("1.0", 200), ("1.1", 400)])
def test_only_who_speaks_http_1_0_may_name_no_host(gateway: str, version: str, status: int) -> None:
    address = urlsplit(gateway)
    with socket.create_connection((address.hostname, address.port), timeout=60) as connection:
        connection.sendall(f"GET /v1/tasks HTTP/{version}\r\nconnection: close\r\n\r\n".encode())
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        said = json.loads(answer.read())
    assert answer.status == status
    if status == 200:
        assert [value for name, value in said["headers"] if name == "host"] == ["tasks-api"]


def test_nul_is_refused(gateway: str, service: Service) -> None:
    assert raw(gateway, "GET", "/v1/tasks/a%00b")[0] == 400
    assert service.asked == 0


@pytest.mark.parametrize("method", ["TRACE", "PATCH", "PROPFIND"])
def test_the_service_says_which_methods_a_path_takes(gateway: str, method: str) -> None:
    status, echoed = raw(gateway, method, "/v1/tasks")
    assert (status, echoed["method"]) == (200, method)


def test_a_head_is_the_services_get_without_the_body(gateway: str) -> None:
    whole, head = httpx.get(f"{gateway}/v1/tasks/NV-1"), httpx.head(f"{gateway}/v1/tasks/NV-1")
    assert whole.json()["method"] == "GET"
    assert (head.content, head.headers["content-length"]) == (b"", whole.headers["content-length"])
    assert httpx.head(f"{gateway}/livez").status_code == 200


def test_huge_headers_are_refused(client: httpx.Client, service: Service) -> None:
    answer = client.get("/v1/tasks", headers={"X-Huge": "x" * 70_000})
    assert (answer.status_code, answer.json()["code"], service.asked) == (431, "headers-too-large", 0)


def test_a_body_said_to_be_too_large_is_refused_unread(gateway: str, service: Service) -> None:
    status, problem = raw(gateway, "POST", "/v1/feedback", Content_Length="999999999999")
    assert (status, problem["code"], service.asked) == (413, "content-too-large", 0)


@pytest.mark.parametrize("limit", [1_000, 200_000])
async def test_a_body_that_grows_too_large_is_refused(upstream: str, open_gateway: OpenGateway, limit: int) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(12):
            yield b"x" * 50_000

    with open_gateway(upstream, max_body_bytes=limit) as gateway:
        async with httpx.AsyncClient() as client:
            answer = await client.post(f"{gateway}/v1/feedback", content=pieces(), headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (413, "content-too-large")


async def test_a_service_may_answer_before_it_read_everything(gateway: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 50_000

    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{gateway}/v1/feedback/refusing", content=pieces())
        assert (answer.status_code, answer.json()) == (403, {"refused": True})
        assert (await client.get(f"{gateway}/v1/tasks")).status_code == 200
