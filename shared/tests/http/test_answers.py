"""Who may keep an answer, what it depends on, and 304 for whoever has it already."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Header, Request, Response

from cchc_shared.contract.codes import Role
from cchc_shared.http.access import Principal, allow, public
from cchc_shared.http.answers import stable
from cchc_shared.http.etag import show_version
from cchc_shared.http.problems import not_found
from cchc_shared.service.app import create_app
from tests.support.contexts import settings
from tests.support.tokens import TestTokens

AnyCaller = Annotated[Principal | None, public()]
router = APIRouter(prefix="/things")


@router.get("/1")
async def one(request: Request, response: Response, _: AnyCaller, moved: bool = False) -> dict[str, str]:
    show_version(request, response, 5, lasting=not moved)
    return {"name": "a thing"}


@router.put("/1")
async def put(request: Request, response: Response, _: AnyCaller) -> dict[str, str]:
    show_version(request, response, 6)
    return {"name": "another thing"}


@router.get("/known", dependencies=[stable(60)])
async def known(_: AnyCaller, missing: bool = False) -> dict[str, str]:
    if missing:
        raise not_found()
    return {"name": "what everybody knows"}


@router.get("/mine")
async def mine(_: Annotated[Principal, allow(Role.OFFICER)]) -> dict[str, str]:
    return {}


@router.get("/secret")
async def secret(
    _: AnyCaller, secret: Annotated[str | None, Header(alias="X-Tracking-Secret")] = None
) -> dict[str, str | None]:
    return {"secret": secret}


@pytest.fixture
async def client(tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(name="test", settings=settings(tokens.jwks_url), routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client


@pytest.mark.parametrize("known", ['"5"', 'W/"5"', '"4", "5"', "*", '"4",W/"5"'])
async def test_who_has_the_version_is_told_no_more(client: httpx.AsyncClient, known: str) -> None:
    answer = await client.get("/things/1", headers={"If-None-Match": known})
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["etag"] == '"5"'
    assert answer.headers["cache-control"] == "no-store"
    assert "content-type" not in answer.headers
    assert "content-length" not in answer.headers


@pytest.mark.parametrize("known", ['"4"', 'W/"4"', "5", '"55"', ""])
async def test_who_has_another_version_gets_the_whole(client: httpx.AsyncClient, known: str) -> None:
    answer = await client.get("/things/1", headers={"If-None-Match": known})
    assert (answer.status_code, answer.json()) == (200, {"name": "a thing"})


async def test_what_moved_without_a_new_version_is_sent_whole(client: httpx.AsyncClient) -> None:
    answer = await client.get("/things/1?moved=true", headers={"If-None-Match": '"5"'})
    assert (answer.status_code, answer.headers["etag"]) == (200, '"5"')


async def test_a_change_is_always_answered(client: httpx.AsyncClient) -> None:
    answer = await client.put("/things/1", headers={"If-None-Match": '"6"'})
    assert (answer.status_code, answer.json()) == (200, {"name": "another thing"})


async def test_a_head_is_answered_as_a_get_without_the_body(client: httpx.AsyncClient) -> None:
    for path in ("/things/1", "/things/known", "/things/mine", "/nowhere", "/livez"):
        whole, head = await client.get(path), await client.head(path)
        assert (head.status_code, head.content) == (whole.status_code, b"")
        changing = {"traceparent"}
        assert {k: v for k, v in head.headers.items() if k not in changing} == {
            k: v for k, v in whole.headers.items() if k not in changing
        }
    assert (await client.head("/things/1", headers={"If-None-Match": '"5"'})).status_code == 304


async def test_nothing_is_kept_unless_the_route_says_so(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    kept = {
        path: (await client.get(path, headers=tokens("x", ["officer"]))).headers["cache-control"]
        for path in ("/things/1", "/things/mine", "/things/known", "/things/known?missing=true", "/nowhere", "/livez")
    }
    assert kept.pop("/things/known") == "public, max-age=60"
    assert set(kept.values()) == {"no-store"}


async def test_an_answer_names_what_it_depends_on(client: httpx.AsyncClient, tokens: TestTokens) -> None:
    async def vary(path: str, **headers: str) -> str | None:
        answer: httpx.Response = await client.get(path, headers=headers)
        return str(answer.headers["vary"]) if "vary" in answer.headers else None

    assert await vary("/things/known") is None
    assert await vary("/things/mine", **tokens("x", ["officer"])) == "Authorization"
    assert await vary("/things/secret") == "Authorization, X-Tracking-Secret"
    assert await vary("/things/mine") == "Authorization, Accept-Language"
    assert await vary("/nowhere") == "Accept-Language"
