"""Work ends when nobody waits for it any more, in the database too."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
from fastapi import APIRouter, FastAPI, Request
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.types import Message, Receive, Scope, Send

from cchc_shared.http.access import Principal, public
from cchc_shared.http.deadline import TIMEOUT, Deadline, in_time, seconds_left
from cchc_shared.http.events import EVENT_STREAM
from cchc_shared.http.problems import Problem
from cchc_shared.service.assembly import build_api
from cchc_shared.service.feature import Feature
from tests.support import waiting
from tests.support.contexts import settings
from tests.support.databases import Database
from tests.support.tokens import TestTokens

HEADER = TIMEOUT.decode()
router = APIRouter(prefix="/things")


@router.get("/slow")
async def slow(request: Request, _: Annotated[Principal | None, public()]) -> dict[str, str]:
    async with request.app.state.engine.begin() as conn:
        await conn.execute(text("SET LOCAL statement_timeout = 0"))  # what ends it is nobody's bound but the caller's
        await conn.execute(text("SELECT pg_sleep(3600)"))
    return {}


@router.get("/quick")
async def quick(request: Request, _: Annotated[Principal | None, public()]) -> dict[str, str]:
    async with request.app.state.engine.begin() as conn:
        await conn.execute(text("SELECT 1"))
    return {}


@pytest.fixture
async def http(database: Database, tokens: TestTokens) -> AsyncIterator[httpx.AsyncClient]:
    service = settings(tokens.jwks_url, database.url("relay")).model_copy(update={"pool_size": 1})
    app: FastAPI = build_api("test", service, (Feature("things", routers=(router,)),))
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test/things") as client:
            yield client


async def statements(database: Database) -> int:
    """How many of them the server is at."""
    connection = await asyncpg.connect(database.url("relay"))
    try:
        found: int = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(3600%' "
            "AND state = 'active' AND pid <> pg_backend_pid()"
        )
        return found
    finally:
        await connection.close()


async def test_the_statement_ends_with_the_patience_of_the_caller(http: httpx.AsyncClient, database: Database) -> None:
    answer = await http.get("/slow", headers={HEADER: "1", "Accept-Language": "en"})
    assert (answer.status_code, answer.json()["code"]) == (504, "service-timeout")
    assert answer.headers["Retry-After"]
    assert answer.headers["Content-Language"] == "en"
    await waiting.until(lambda: statements(database), lambda found: found == 0)
    assert (await http.get("/quick")).status_code == 200, "the only connection is free again"


async def test_who_has_time_is_answered(http: httpx.AsyncClient) -> None:
    assert (await http.get("/quick", headers={HEADER: "120"})).status_code == 200


@given(st.one_of(st.binary(max_size=8), st.integers(0, 200_000).map(lambda n: b"%d" % n)))
def test_only_whole_seconds_are_believed(said: bytes) -> None:
    plain = said.isdigit() and len(said) <= 5
    assert seconds_left({TIMEOUT: said}) == (int(said) if plain else None)


async def answered(*begun: str, seconds: bytes = b"0") -> list[dict[str, Any]]:
    """What is sent for a request whose work takes for ever, after an answer has begun with this type."""
    sent: list[dict[str, Any]] = []

    async def work(_: Scope, __: Receive, send: Send) -> None:
        for each in begun:
            headers = [(b"content-type", each.encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
        for _turn in range(50):
            await asyncio.sleep(0.001)
        await send({"type": "http.response.body", "body": b"the end"})

    async def receive() -> Message:
        raise AssertionError

    async def send(message: Message) -> None:
        sent.append(dict(message))

    await Deadline(work)({"type": "http", "headers": [(TIMEOUT, seconds)]}, receive, send)
    return sent


async def test_what_has_not_begun_is_a_problem() -> None:
    head, _ = await answered()
    assert head["status"] == 504


async def test_half_an_answer_is_cut_off() -> None:
    with pytest.raises(TimeoutError):
        await answered("application/json")


async def test_an_answer_that_stays_open_has_no_end_of_its_own() -> None:
    assert (await answered(EVENT_STREAM))[-1]["body"] == b"the end"


async def test_a_timeout_of_the_work_itself_stays_what_it_is() -> None:
    async def fails() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await in_time(fails(), 60)
    with pytest.raises(Problem):
        await in_time(asyncio.sleep(60), 0)
    assert await in_time(asyncio.sleep(0, "done"), None) == "done"
