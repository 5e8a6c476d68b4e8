"""Files on their way: larger bodies where the contract says so and nowhere else, and everything that tus asks for."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from tests.support.upstreams import OpenGateway, Service

TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "7", "Upload-Length": "9", "Upload-Metadata": "report UEE="}


@pytest.fixture
def uploads(upstream: str, service: Service, open_gateway: OpenGateway) -> Iterator[str]:
    """The gateway before a service that takes files at one path."""
    assert service.contract is not None
    item = service.contract["paths"]["/v1/feedback"]
    taking = {**item["get"], "operationId": "attach", "x-large-body": True}
    service.contract["paths"]["/v1/feedback/{code}/files"] = {"post": taking, "patch": taking}
    with open_gateway(upstream, max_body_bytes=100_000, max_upload_bytes=1_000_000) as address:
        yield address
    del service.contract["paths"]["/v1/feedback/{code}/files"]


@pytest.mark.parametrize(
    ("method", "path", "size", "status"),
    [
        ("POST", "/v1/feedback/PA-1/files", 900_000, 200),
        ("PATCH", "/v1/feedback/PA-1/files", 900_000, 200),
        ("POST", "/v1/feedback/PA-1/files", 1_000_001, 413),
        ("PUT", "/v1/feedback/PA-1/files", 900_000, 413),
        ("POST", "/v1/feedback/PA-1/files/1", 900_000, 413),
        ("POST", "/v1/feedback/PA-1/2/files", 900_000, 413),
        ("POST", "/v1/feedback", 900_000, 413),
    ],
)
@pytest.mark.parametrize("said", [True, False])
async def test_only_an_operation_that_takes_files_has_large_bodies(
    uploads: str, method: str, path: str, size: int, status: int, *, said: bool
) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x" * size

    async with httpx.AsyncClient() as client:
        body = b"x" * size if said else pieces()
        answer = await client.request(method, uploads + path, content=body)
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["size"] == size


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "OPTIONS"])
def test_methods_and_headers_of_tus_are_forwarded(uploads: str, method: str) -> None:
    said = httpx.request(method, f"{uploads}/v1/feedback/PA-1/files", headers=TUS).json()
    assert said["method"] == method
    assert {name.lower(): value for name, value in TUS.items()}.items() <= dict(said["headers"]).items()


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "OPTIONS"])
def test_an_answer_without_content_is_passed_on(uploads: str, method: str) -> None:
    answer = httpx.request(method, f"{uploads}/v1/feedback/nothing")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
def test_a_page_may_send_them(upstream: str, open_gateway: OpenGateway, method: str) -> None:
    asking = {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": ", ".join(TUS),
    }
    with open_gateway(upstream, cors_origins="https://app.example") as gateway:
        assert httpx.options(f"{gateway}/v1/feedback/x", headers=asking).status_code == 200
        read = httpx.get(f"{gateway}/v1/feedback", headers={"Origin": "https://app.example"}).headers
    assert {"Upload-Offset", "Upload-Expires", "Tus-Resumable"} <= set(
        read["access-control-expose-headers"].split(", ")
    )
