"""Sent twice is done once, and answered alike."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.http.etag import etag
from cchc_shared.http.idempotency import reply
from cchc_shared.http.problems import Problem
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
