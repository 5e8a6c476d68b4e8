"""No connection waits for ever: the client gives up a statement, and the server one whose client is gone."""

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from cchc_shared.storage import database as storage
from cchc_shared.storage.address import async_url
from cchc_shared.storage.database import Bounds, bounding, create_engine
from tests.support.databases import Database

KINDS = {name: value for name, value in vars(storage).items() if isinstance(value, Bounds)}
DAY_AND_A_BIT = 25 * 3600


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_process_has_bounds(kind: str) -> None:
    bounds = KINDS[kind]
    for seconds in (bounds.command, bounds.statement, bounds.lock, bounds.idle):
        assert 0 < seconds <= DAY_AND_A_BIT
    assert bounds.lock <= bounds.statement <= bounds.command, "who speaks first says what it was"


async def test_an_engine_that_names_no_bounds_has_some(database: Database) -> None:
    engine = create_engine(database.url("scoring"))
    async with engine.connect() as conn:
        for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            assert await conn.scalar(text(f"SHOW {name}")) != "0"
    await engine.dispose()


async def test_a_migration_gives_way_to_who_holds_a_lock(database: Database) -> None:
    told = bounding(storage.MIGRATING)
    engine = create_async_engine(async_url(database.url("scoring")), connect_args=told)
    async with engine.connect() as conn:
        assert await conn.scalar(text("SHOW lock_timeout")) == "5s"
    await engine.dispose()
