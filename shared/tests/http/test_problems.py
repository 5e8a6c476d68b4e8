"""Whatever goes wrong, the answer is a problem document that names the field, in the caller's language."""

from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from pydantic import AwareDatetime
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cchc_shared.contract.codes import Severity
from cchc_shared.http.access import Principal, public
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.kinds import kind
from cchc_shared.http.language import language_of
from cchc_shared.http.paging import Limit
from cchc_shared.http.problems import Problem, invalid, not_found, overloaded
from cchc_shared.http.schemas import In, bounded
from cchc_shared.service.app import create_app
from cchc_shared.service.database_problems import EXPLANATIONS
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.service.workflow import WRONG_STATE

AnyCaller = Annotated[Principal | None, public()]
router = APIRouter()


class Place(In):
    lat: float


class Report(In):
    content: Annotated[str, bounded(20, min_length=3)]
    severity: Severity = Severity.NORMAL
    place: Place | None = None
    at: AwareDatetime | None = None
    due_on: date | None = None


@router.post("/reports")
async def create(body: Report, _: AnyCaller) -> dict[str, str]:
    return {"content": body.content}


@router.get("/reports")
async def listing(_: AnyCaller, limit: Limit = 50, since: datetime | None = None) -> dict[str, int]:
    return {"limit": limit}


ERRORS: dict[str, Exception] = {
    "missing": not_found("phản ánh", "the report"),
    "rows": invalid([FieldError("file.due", "không phải ngày", "is not a date", row=5)]),
    "full": overloaded(3),
    "pool": PoolTimeout(),
    "away": ConnectionRefusedError(),
    "shutdown": DBAPIError("SELECT", {}, type("Shutdown", (Exception,), {"sqlstate": "57P01"})()),
    "bug": ZeroDivisionError("nguyen van a, 0912345678"),
    "state": Problem(WRONG_STATE, extra={"possible": ["accept"]}),
}


@router.get("/errors/{name}")
async def fail(name: str, _: AnyCaller) -> None:
    raise ERRORS[name]


@pytest.fixture
def app(tmp_path: Path) -> FastAPI:
    settings = ServiceSettings(
        database_url="postgresql://none", jwks_url=f"file://{tmp_path}/none", CCHC_PROFILE=tmp_path, max_body_bytes=5000
    )
    return create_app(name="test", settings=settings, routers=[router], explanations=EXPLANATIONS)


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


def fields(answer: httpx.Response) -> list[str]:
    document = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert document["status"] == answer.status_code
    assert document["type"] == f"urn:cchc:problem:{document['code']}"
    return [error["field"] for error in document.get("errors", [])]


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        (b'{"content": "ok then", "colour": 1}', ["body.colour"]),
        (b"{}", ["body.content"]),
        (b'{"content": 5}', ["body.content"]),
        (b'{"content": "x"}', ["body.content"]),
        (b'{"content": "' + b"x" * 21 + b'"}', ["body.content"]),
        (b'{"content": "a\\u0000b"}', ["body.content"]),
        (b'{"content": "a\\ud800b"}', ["body.content"]),
        (b'{"content": "a\xed\xa0\x80b"}', ["body.content"]),
        (b'{"content": "fine", "severity": "grave"}', ["body.severity"]),
        (b'{"content": "fine", "place": {"lat": "north"}}', ["body.place.lat"]),
        (b'{"content": "fine", "place": {"lat": NaN}}', ["body.place.lat"]),
        (b'{"content": "fine", "at": "2024-05-06T02:00:00"}', ["body.at"]),
        (b'{"content": "fine", "at": "06/05/2024"}', ["body.at"]),
        (b'{"content": "fine", "due_on": "30/6/2024"}', ["body.due_on"]),
        (b'{"content": 1, "place": 2}', ["body.content", "body.place"]),
        (b"[]", ["body"]),
        (b"", ["body"]),
    ],
)
async def test_a_wrong_body_is_told_field_by_field(client: httpx.AsyncClient, body: bytes, wrong: list[str]) -> None:
    answer = await client.post("/reports", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert fields(answer) == wrong


@pytest.mark.parametrize(
    "content",
    [b'{"content": ', b'{"content": "\xff\xfe"}', b"\xff", b"not JSON at all"],
)
async def test_a_body_that_is_no_json_is_a_bad_request(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/reports", content=content, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-request")
    assert fields(answer) == ["body"]


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""])
async def test_a_body_of_another_kind_is_an_unsupported_media_type(client: httpx.AsyncClient, media: str) -> None:
    answer = await client.post("/reports", content=b'{"content": "fine"}', headers={"Content-Type": media})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert answer.json()["accepted"] == "application/json"


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/vnd.a+json"])
async def test_json_by_any_of_its_names_is_read(client: httpx.AsyncClient, media: str) -> None:
    answer = await client.post("/reports", content=b'{"content": "fine"}', headers={"Content-Type": media})
    assert answer.status_code == 200


async def test_messages_are_vietnamese_or_english_as_asked(client: httpx.AsyncClient) -> None:
    told = {}
    for language in ("vi", "en-GB,en;q=0.9", ""):
        answer = await client.post("/reports", json={}, headers={"Accept-Language": language})
        problem = answer.json()
        told[language] = (answer.headers["content-language"], problem["title"], problem["errors"][0]["message"])
        assert answer.headers["vary"] == "Accept-Language"
    assert told == {
        "vi": ("vi", "Nội dung không xử lý được", "thiếu trường bắt buộc"),
        "en-GB,en;q=0.9": ("en", "Unprocessable Content", "is required"),
        "": ("vi", "Nội dung không xử lý được", "thiếu trường bắt buộc"),
    }


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "vi"),
        ("fr", "vi"),
        ("en", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en;q=0.3, vi;q=0.2", "en"),
        ("en;q=x", "vi"),
        ("*", "vi"),
        ("EN", "en"),
        ("en;Q=0.9", "en"),
        ("en ; q=0.8", "en"),
        ("en;q=0.8;x=1", "en"),
        ("vi;q=0.2;x=1,en;q=0.3", "en"),
        ("enm", "vi"),
        ("vie,en", "en"),
        ("en;q=0", "vi"),
        ("vi;q=0, *;q=0.1", "en"),
        ("en;q=nan, en;q=9", "vi"),
    ],
)
def test_the_language_a_caller_prefers(header: str | None, language: str) -> None:
    assert language_of(header) == language


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("DELETE", "/reports", 405, "method-not-allowed"),
        ("GET", "/reports?limit=0", 422, "invalid"),
        ("GET", "/reports?limit=9999", 422, "invalid"),
        ("GET", "/reports?since=soon", 422, "invalid"),
        ("GET", "/reports?since=%00", 422, "invalid"),
        ("GET", "/reports/%00", 400, "invalid-path"),
        ("GET", "/errors/missing", 404, "not-found"),
        ("GET", "/errors/full", 503, "overloaded"),
        ("GET", "/errors/pool", 503, "overloaded"),
        ("GET", "/errors/away", 503, "database-unavailable"),
        ("GET", "/errors/shutdown", 503, "database-unavailable"),
        ("GET", "/errors/bug", 500, "internal"),
        ("GET", "/errors/state", 409, "wrong-state"),
    ],
)
async def test_every_error_is_a_problem(
    client: httpx.AsyncClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    fields(answer)
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "0912345678" not in answer.text


@pytest.mark.parametrize("method", ["DELETE", "TRACE", "PUT"])
async def test_a_method_that_a_path_does_not_take_is_told_all_that_it_takes(
    client: httpx.AsyncClient, method: str
) -> None:
    assert (await client.request(method, "/reports")).headers["allow"] == "GET, HEAD, POST"
    assert (await client.request(method, "/errors/1")).headers["allow"] == "GET, HEAD"


async def test_a_problem_carries_what_its_kind_adds(client: httpx.AsyncClient) -> None:
    assert (await client.get("/errors/state")).json()["possible"] == ["accept"]
    errors = (await client.get("/errors/rows", headers={"Accept-Language": "en"})).json()["errors"]
    assert errors == [{"field": "file.due", "message": "is not a date", "row": 5}]


async def test_a_body_that_is_too_large_is_refused_with_or_without_its_length(client: httpx.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b" " * 1000

    bodies: tuple[Any, ...] = (b" " * 10_000, pieces())
    for body in bodies:
        answer = await client.post("/reports", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (413, "content-too-large")


async def test_a_trace_is_continued_or_begun(client: httpx.AsyncClient) -> None:
    given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert (await client.get("/livez", headers={"traceparent": given})).headers["traceparent"] == given
    for nonsense in ({}, {"traceparent": "00-x"}):
        begun = (await client.get("/livez", headers=nonsense)).headers["traceparent"]
        assert begun != given
        assert len(begun) == len(given)


def test_a_status_without_a_title_declares_no_kind() -> None:
    with pytest.raises(ValueError, match="418 of teapot has no title"):
        kind("teapot", 418, vi="Ấm trà.", en="A teapot.", mend_vi="Không.", mend_en="None.")
