"""What connections promise: errors that carry no words of a report, positions that belong to this server."""

import asyncio
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cchc_shared.storage import database as storage
from cchc_shared.storage.address import TLS_MODES, async_url
from cchc_shared.storage.database import ANSWERING, create_engine, is_ready
from cchc_shared.stream.postgres import ForeignPositions, PostgresSource
from tests.support.databases import Database
from tests.support.waiting import until

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


async def test_a_source_refuses_events_of_another_server_that_it_would_not_be_shown(database: Database) -> None:
    producer, engine = create_engine(database.url("tasks")), create_engine(database.url("scoring"))
    async with producer.begin() as conn:
        await conn.execute(
            text(
                """INSERT INTO outbox (partition, xid, id, aggregatetype, aggregateid, aggregateversion, type,
                                       occurred_at, recorded_at, payload)
                   VALUES (5, '1099511627776', gen_random_uuid(), 'a', '1', 1, 't', now(), now(), '{}')"""
            )
        )
    source = PostgresSource(engine, ["feedback", "tasks"], "here")
    with pytest.raises(ForeignPositions, match="events of tasks are ahead"):
        await source.start()
    async with producer.begin() as conn:
        await conn.execute(text("DELETE FROM outbox"))
    await source.start()
    await source.stop()
    await producer.dispose()
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


@pytest.mark.parametrize("parameter", ["channel_binding=require", "ssl=require", "sslmode=always", "sslmode="])
def test_a_parameter_that_cannot_be_honoured_is_refused(parameter: str) -> None:
    name = parameter.partition("=")[0]
    with pytest.raises(ValueError, match=name) as refused:
        async_url(f"postgresql://u:secret@host/db?{parameter}")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("mode", TLS_MODES)
async def test_every_mode_of_tls_is_asked_for(database: Database, mode: str) -> None:
    """The server of the tests has no certificate: who insists on TLS is refused, all others are let in."""
    engine = create_engine(f"{database.url('tasks')}?sslmode={mode}")
    assert await is_ready(engine) == (mode in {"disable", "allow", "prefer"})
    await engine.dispose()


async def test_the_certificate_is_looked_for_where_the_address_says(database: Database, tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    engine = create_engine(f"{database.url('tasks')}?sslmode=verify-full&sslrootcert={missing}")
    with pytest.raises(FileNotFoundError):
        await engine.connect()
    await engine.dispose()


async def test_who_would_wait_too_long_for_a_connection_is_refused_at_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage, "MOST_WAITING", 2)
    engine = create_engine(database.url("relay"), pool_size=1, wait_seconds=600, bounds=ANSWERING)

    async def ask() -> int:
        async with engine.connect() as conn:
            return int((await conn.execute(text("SELECT 1"))).scalar_one())

    async def waiting() -> int:
        return cast("storage.ShortQueue", engine.pool)._waiting

    async with engine.connect():
        waiters = [asyncio.create_task(ask()) for _ in range(2)]
        await until(waiting, lambda found: found == 2)
        with pytest.raises(PoolTimeout):
            await ask()
    assert await asyncio.gather(*waiters) == [1, 1]
    assert await ask() == 1
    await engine.dispose()
