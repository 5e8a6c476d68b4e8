"""A request may carry what its route declares, once and not empty, in a body of the kind that it reads."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, Form, Query, UploadFile

from cchc_shared.http.access import Principal, public
from cchc_shared.http.paging import Limit
from cchc_shared.http.schemas import In
from cchc_shared.service.app import create_app
from tests.support.contexts import settings

AnyCaller = Annotated[Principal | None, public()]
router = APIRouter(prefix="/things")


class Filters(In):
    unit: str | None = None
    first_day: str | None = Query(default=None, alias="from")


class File(In):
    file: UploadFile
    title: str


async def nested(as_of: str | None = None) -> str | None:
    return as_of


@router.get("")
async def list_(_: AnyCaller, limit: Limit = 50, q: str | None = None) -> dict[str, str | None]:
    return {"q": q}


@router.get("/filtered")
async def filtered(_: AnyCaller, query: Annotated[Filters, Query()]) -> dict[str, str | None]:
    return {"unit": query.unit, "from": query.first_day}


@router.get("/nested")
async def with_nested(_: AnyCaller, as_of: Annotated[str | None, Depends(nested)]) -> dict[str, str | None]:
    return {"as_of": as_of}


@router.post("/import")
async def import_(_: AnyCaller, body: Annotated[File, Form(media_type="multipart/form-data")]) -> dict[str, str]:
    return {"title": body.title}


@router.post("")
async def create(_: AnyCaller, body: Filters | None = None) -> dict[str, str | None]:
    return {"unit": None if body is None else body.unit}


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(name="test", settings=settings(), routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/things?colour=red", "query.colour"),
        ("/things?limit=3&limit=3", "query.limit"),
        ("/things?q=", "query.q"),
        ("/things?q", "query.q"),
        ("/things?q=%00", "query.q"),
        ("/things?q=a%FF", "query.q"),
        ("/things?q=%ED%A0%80", "query.q"),
        ("/things?Q=a", "query.Q"),
        ("/things?=a", "query._"),
        ("/things?%C3%A0y=1", "query._y"),
        ("/things/filtered?first_day=1", "query.first_day"),
        ("/things/filtered?from=1&to=2", "query.to"),
        ("/things/nested?asof=1", "query.asof"),
        ("/livez?verbose=1", "query.verbose"),
    ],
)
async def test_what_is_not_declared_is_refused_by_name(client: httpx.AsyncClient, address: str, field: str) -> None:
    answer = await client.get(address)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize(
    "address",
    [
        "/things?limit=3&q=a",
        "/things/filtered?unit=a&from=b",
        "/things/nested?as_of=x",
        "/things?",
        "/things?q=%EF%BF%BD",
    ],
)
async def test_what_is_declared_is_taken(client: httpx.AsyncClient, address: str) -> None:
    assert (await client.get(address)).status_code == 200


async def test_a_query_means_the_same_however_it_was_typed(client: httpx.AsyncClient) -> None:
    answers = [await client.get("/things", params={"q": typed}) for typed in ("ngập", "nga\u0323\u0302p", "ngập\u200b")]
    assert {answer.json()["q"] for answer in answers} == {"ngập"}


@pytest.mark.parametrize(
    ("address", "content", "media", "status"),
    [
        ("/things/import", b"{}", "application/json", 415),
        ("/things/import", b"title=a", "application/x-www-form-urlencoded", 415),
        ("/things", b"unit=a", "application/x-www-form-urlencoded", 415),
        ("/things", b'{"unit": "a"}', "application/json", 200),
        ("/things", b"", "text/plain", 200),
    ],
)
async def test_a_body_is_of_the_kind_that_the_route_reads(
    client: httpx.AsyncClient, address: str, content: bytes, media: str, status: int
) -> None:
    answer = await client.post(address, content=content, headers={"Content-Type": media})
    assert answer.status_code == status


async def test_a_form_is_read_and_its_words_are_clean(client: httpx.AsyncClient) -> None:
    answer = await client.post("/things/import", data={"title": "Ke\u0302\u0301 hoạch"}, files={"file": b"x"})
    assert answer.json() == {"title": "Kế hoạch"}
