"""What only reads needs no transaction, and leaves none out of the connection that it hands on."""

from contextlib import AsyncExitStack

from sqlalchemy import text

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.storage.database import create_engine
from tests.support.contexts import context
from tests.support.databases import Database


async def test_a_connection_that_read_without_a_transaction_writes_within_one(database: Database) -> None:
    engine = create_engine(database.url("tasks"), pool_size=1)  # whoever comes next is handed the same connection
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        here = context(engine, SystemClock(), stack=stack)
        async with engine.begin() as conn:
            await conn.execute(text("CREATE TABLE kept (n integer)"))
        for _ in range(2):
            async with here.reading.connect() as conn:
                first, second = [await conn.scalar(text("SELECT CAST(now() AS text)")) for _ in range(2)]
                assert first != second, "each statement by itself"
            async with engine.connect() as conn:
                await conn.execute(text("INSERT INTO kept VALUES (1)"))
                await conn.rollback()
        async with here.reading.connect() as conn:
            assert await conn.scalar(text("SELECT count(*) FROM kept")) == 0
