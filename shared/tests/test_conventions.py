"""Sent twice is done once; what was not seen is not overwritten; pages follow each other by opaque cursors."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.http.access import Principal, public
from cchc_shared.http.etag import IfMatch, etag, stale
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem
from cchc_shared.service.app import create_app
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.service.workflow import WRONG_STATE
from cchc_shared.storage.database import create_engine, metadata
from cchc_shared.storage.idempotency import KeyReused, Reply, idempotency_table, once
from tests.support.databases import Database

TABLES = metadata()
KEYS: Table = idempotency_table(TABLES)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("relay"))
    async with engine.begin() as conn:
        await conn.run_sync(TABLES.create_all)
        await conn.execute(text("CREATE TABLE done (what text)"))
    yield engine
    await engine.dispose()


async def work(conn: AsyncConnection) -> Reply:
    await conn.execute(text("INSERT INTO done VALUES ('once')"))
    number = await conn.scalar(text("SELECT count(*) FROM done"))
    return reply(201, {"code": f"PA-{number}"}, {"Location": f"/v1/feedback/PA-{number}", "ETag": etag(1)})


async def done(engine: AsyncEngine) -> int:
    async with engine.connect() as conn:
        return int(await conn.scalar(text("SELECT count(*) FROM done")) or 0)


async def ask(engine: AsyncEngine, key: str | None, *, caller: str = "app", digest: bytes = b"1") -> Reply:
    return await once(engine, caller=caller, key=key, digest=digest, work=work)


async def test_the_same_key_is_done_once_and_answered_alike(engine: AsyncEngine) -> None:
    replies = [await ask(engine, "k") for _ in range(3)]
    assert replies[0] == replies[1] == replies[2]
    assert replies[0].headers["Location"] == "/v1/feedback/PA-1"
    assert await done(engine) == 1


async def test_twenty_at_once_with_one_key_are_one(engine: AsyncEngine) -> None:
    replies = await asyncio.gather(*(ask(engine, "k") for _ in range(20)))
    assert {answer.body for answer in replies} == {b'{"code":"PA-1"}'}
    assert await done(engine) == 1


async def test_a_key_belongs_to_its_caller_and_none_is_no_key(engine: AsyncEngine) -> None:
    await ask(engine, "k", caller="app")
    await ask(engine, "k", caller="another")
    await ask(engine, None)
    await ask(engine, None)
    assert await done(engine) == 4


async def test_a_key_that_stands_for_another_request_is_refused(engine: AsyncEngine) -> None:
    await ask(engine, "k", digest=b"1")
    with pytest.raises(KeyReused):
        await ask(engine, "k", digest=b"2")
    assert await done(engine) == 1


async def test_what_failed_is_undone_and_may_be_tried_again_with_its_key(engine: AsyncEngine) -> None:
    async def fails(conn: AsyncConnection) -> Reply:
        await work(conn)
        raise Problem(WRONG_STATE)

    with pytest.raises(Problem):
        await once(engine, caller="app", key="k", digest=b"1", work=fails)
    assert await done(engine) == 0
    assert (await ask(engine, "k")).status == 201
    assert await done(engine) == 1


router = APIRouter()


@router.put("/things/1")
async def put(version: IfMatch, _: Annotated[Principal | None, public()]) -> dict[str, int]:
    if 5 not in version:
        raise stale(5)
    return {"version": 6}


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 428),
        ('"5"', 200),
        ("5", 200),
        ('"4"', 412),
        ('W/"5"', 200),
        ('W/"4"', 412),
        ("*", 200),
        ('"4", "5"', 200),
        ('"4",W/"5" , "6"', 200),
        ('"3", "4"', 412),
        ('"4", *', 422),
        ('"4";"5"', 422),
        (", ".join(['"4"'] * 11 + ['"5"']), 200),
        ('"5-gzip"', 412),
        ('"5-gzip", "5"', 200),
        ('"4,5"', 412),
        ('"4"  ,\t"5"', 200),
        (',, "5" ,', 200),
        ('"five"', 412),
        ('"٥"', 412),
        ('"-5"', 412),
        ('"99999999999999"', 412),
        ('""', 412),
        ("", 422),
        (",", 422),
        ("five", 422),
        ('"5', 422),
        ('"5" "5"', 422),
        ('"5"' + " " * 2000 + "x", 422),
        (['"4"', '"5"'], 200),
        (['"4"', '"3"'], 412),
        (['"5"', "*"], 422),
        (['"5"', "five"], 422),
    ],
)
async def test_a_change_names_the_version_it_saw(tmp_path: Path, header: str | list[str] | None, status: int) -> None:
    settings = ServiceSettings(database_url="postgresql://none", jwks_url="file:///none", CCHC_PROFILE=tmp_path)
    app = create_app(name="test", settings=settings, routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        lines = [] if header is None else [header] if isinstance(header, str) else header
        answer = await client.put("/things/1", headers=[(b"If-Match", line.encode()) for line in lines])
    assert answer.status_code == status
    if status == 422:
        assert [error["field"] for error in answer.json()["errors"]] == ["header.If-Match"]
    if status == 412:
        assert answer.headers["etag"] == '"5"'


@given(st.text().filter(lambda name: "\0" not in name), st.integers(-(2**63), 2**63 - 1))
def test_a_cursor_comes_back_as_it_was_given(name: str, number: int) -> None:
    name = name.encode("utf-8", "ignore").decode()
    cursor = encode_cursor(name, number)
    assert decode_cursor(cursor, str, int) == (name, number)
    assert cursor.isascii()
    assert "=" not in cursor


@given(st.text(max_size=60))
def test_what_is_no_cursor_is_a_problem_of_the_query(nonsense: str) -> None:
    found = None
    try:
        values = decode_cursor(nonsense, str, int)
    except Problem as problem:
        found = problem
    if found is None:
        assert [type(value) for value in values] == [str, int]
    else:
        assert (found.status, found.errors[0].field) == (422, "query.cursor")


@pytest.mark.parametrize("values", [("a\0b", 1), (1, "a"), ("a",), ("a", 1, 2)])
def test_a_cursor_of_another_list_is_refused(values: tuple[str | int, ...]) -> None:
    with pytest.raises(Problem):
        decode_cursor(encode_cursor(*values), str, int)
