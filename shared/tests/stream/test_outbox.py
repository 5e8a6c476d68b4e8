"""An event is a row of the transaction that made it true, and is shown when nothing can come before it."""

from collections.abc import AsyncIterator

import msgspec
import pytest
from sqlalchemy import Row, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.contract.events import Event, decode
from cchc_shared.contract.events.task import TaskAssigned
from cchc_shared.storage.database import create_engine, metadata
from cchc_shared.storage.ddl.outbox_2 import CREATE_FEED
from cchc_shared.stream import outbox
from cchc_shared.stream.outbox import PARTITIONS, outbox_table, partition_of
from tests.contracts.harness import until
from tests.support.databases import Database
from tests.support.events import NOW, task_event


def assigned(subject: str, version: int = 1) -> Event:
    return task_event(subject, version, TaskAssigned)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """Of the relay's role: its schema has no outbox of its own yet."""
    engine = create_engine(database.url("relay"))
    tables = metadata()
    outbox_table(tables)
    async with engine.begin() as conn:
        await conn.run_sync(tables.create_all)
        for statement in CREATE_FEED:
            await conn.execute(text(statement))
    yield engine
    await engine.dispose()


async def feed(engine: AsyncEngine) -> list[Row[tuple[object, ...]]]:
    async with engine.connect() as conn:
        return list((await conn.execute(text("SELECT * FROM outbox_feed ORDER BY xid, seq"))).all())


async def shown(engine: AsyncEngine, count: int) -> list[Row[tuple[object, ...]]]:
    """The feed once it shows so many: transactions of other tests on the same server may hold it back for a while."""
    return await until(lambda: feed(engine), lambda rows: len(rows) >= count)


async def test_an_event_is_kept_as_it_was_told(engine: AsyncEngine) -> None:
    event = assigned("NV-7", 3)
    async with engine.begin() as conn:
        await outbox.write(conn, [event])
    (row,) = await shown(engine, 1)
    assert (row.id, row.aggregatetype, row.aggregateid, row.aggregateversion) == (event.id, "task", "NV-7", 3)
    assert (row.type, row.occurred_at, row.recorded_at, row.traceparent) == (event.type, NOW, NOW, None)
    assert row.partition == partition_of("NV-7")
    assert decode(row.type, msgspec.json.encode(row.payload)) == event.data


async def test_events_of_one_transaction_keep_their_order(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await outbox.write(conn, [assigned("A", version) for version in range(1, 200)])
        await outbox.write(conn, [])
    assert [row.aggregateversion for row in await shown(engine, 199)] == list(range(1, 200))


async def test_what_is_rolled_back_was_never_told(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        await outbox.write(conn, [assigned("A")])
        await conn.rollback()
    assert await feed(engine) == []


async def test_nothing_is_shown_that_an_older_transaction_may_still_precede(engine: AsyncEngine) -> None:
    async with engine.begin() as older:
        await outbox.write(older, [assigned("older")])
        async with engine.begin() as newer:
            await outbox.write(newer, [assigned("newer")])
        assert await feed(engine) == []
    assert [row.aggregateid for row in await shown(engine, 2)] == ["older", "newer"]


async def test_others_read_the_feed_and_nothing_else(engine: AsyncEngine, database: Database) -> None:
    async with engine.begin() as conn:
        await conn.execute(text("GRANT USAGE ON SCHEMA relay TO stream_reader"))
        await outbox.write(conn, [assigned("A")])
    await shown(engine, 1)
    reader = create_engine(database.url("scoring"))
    try:
        async with reader.connect() as conn:
            assert await conn.scalar(text("SELECT count(*) FROM relay.outbox_feed")) == 1
            with pytest.raises(DBAPIError, match="permission denied"):
                await conn.execute(text("SELECT * FROM relay.outbox"))
    finally:
        await reader.dispose()


async def test_the_feed_is_read_by_its_key(engine: AsyncEngine) -> None:
    async with engine.begin() as conn:
        await outbox.write(conn, [assigned(f"NV-{number}") for number in range(5000)])
        await conn.execute(text("ANALYZE outbox"))
    query = """EXPLAIN SELECT * FROM outbox_feed WHERE partition = 3 AND (xid, seq) > ('3'::xid8, 4)
               ORDER BY xid, seq LIMIT 100"""
    async with engine.connect() as conn:
        plan = "\n".join((await conn.execute(text(query))).scalars())
    assert "Index Scan using outbox_open_pkey" in plan
    assert "ROW(xid, seq) >" in plan.partition("Index Cond")[2]
    assert "Sort" not in plan


def test_aggregates_spread_over_all_partitions_and_stay_where_they_are() -> None:
    counts = [0] * PARTITIONS
    for number in range(12_000):
        counts[partition_of(f"NV-{number}")] += 1
    assert min(counts) > 800
    assert [partition_of(code) for code in ("NV-1", "PA-2024-000001", "Sở Nội vụ")] == [1, 3, 4]
