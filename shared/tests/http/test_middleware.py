"""What every address must be before a route sees it."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.types import Message

from cchc_shared.http.access import Principal, public
from cchc_shared.service.app import create_app
from tests.support.contexts import settings

router = APIRouter(prefix="/things")


@router.get("/{name}")
async def one(name: str, _: Annotated[Principal | None, public()]) -> dict[str, str]:
    return {"name": name}


@pytest.fixture
def app() -> FastAPI:
    return create_app(name="test", settings=settings(), routers=[router])


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


async def status(app: FastAPI, headers: list[tuple[bytes, bytes]], http_version: str = "1.1") -> int:
    """Of a request whose headers no client of ours would send."""
    found: list[int] = []
    scope: dict[str, Any] = {
        "type": "http",
        "http_version": http_version,
        "method": "GET",
        "path": "/livez",
        "raw_path": b"/livez",
        "query_string": b"",
        "headers": headers,
        "client": ("192.0.2.1", 1),
        "server": ("test", 80),
        "scheme": "http",
        "root_path": "",
    }

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            found.append(message["status"])

    await app(scope, receive, send)
    return found[0]


@pytest.mark.parametrize(
    ("headers", "version", "expected"),
    [
        ([(b"host", b"a")], "1.1", 200),
        ([], "1.1", 400),
        ([(b"host", b"a"), (b"host", b"a")], "1.1", 400),
        ([(b"host", b"a"), (b"host", b"b")], "1.0", 400),
        ([], "1.0", 200),
    ],
)
async def test_a_request_names_its_host_once(
    app: FastAPI, headers: list[tuple[bytes, bytes]], version: str, expected: int
) -> None:
    assert await status(app, headers, version) == expected


async def test_nobody_is_sent_where_the_header_host_says(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things/", headers={"Host": "evil.example"})
    assert "location" not in answer.headers
    assert answer.status_code == 404


async def test_a_path_means_the_same_however_it_was_typed(client: httpx.AsyncClient) -> None:
    for typed in ("Hoài Đức", "Hoài Đức".replace("à", "a\u0300")):
        assert (await client.get(f"/things/{typed}")).json() == {"name": "Hoài Đức"}
