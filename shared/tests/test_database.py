"""What connections promise: errors that carry no words of a report, positions that belong to this server."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cchc_shared.storage.database import async_url, create_engine, is_ready
from cchc_shared.stream.postgres import ForeignPositions, PostgresSource
from tests.support.databases import Database

WORDS = "Ông Nguyễn Văn Bảy, số 12 phố Huế"


async def test_an_error_carries_no_words_of_a_report(database: Database) -> None:
    engine = create_engine(database.url("feedback"))
    with pytest.raises(DBAPIError) as caught:
        async with engine.begin() as conn:
            await conn.execute(
                text("SELECT CAST(1 AS integer) / length(left(CAST(:words AS text), 0))"), {"words": WORDS}
            )
    assert WORDS not in str(caught.value)
    await engine.dispose()


async def test_a_source_refuses_positions_of_another_server(database: Database) -> None:
    engine = create_engine(database.url("scoring"))
    source = PostgresSource(engine, ["tasks"], "here")
    await source.start()
    await source.stop()
    async with engine.begin() as conn:
        await conn.execute(
            text("UPDATE stream_position SET major = :xid WHERE topic = 'tasks' AND partition = 0"), {"xid": 1 << 40}
        )
    with pytest.raises(ForeignPositions):
        await PostgresSource(engine, ["tasks"], "here").start()
    await engine.dispose()


async def test_a_database_that_is_not_there_does_not_answer(database: Database) -> None:
    there, nowhere = create_engine(database.url("tasks")), create_engine("postgresql://nobody@127.0.0.1:9/none")
    assert await is_ready(there)
    assert not await is_ready(nowhere)
    await there.dispose()


@pytest.mark.parametrize("url", ["mysql://x/y", "x", ""])
def test_only_postgresql_is_spoken(url: str) -> None:
    with pytest.raises(ValueError, match="postgresql"):
        async_url(url)
