"""Two relays at work at once: what is sent, what parks, and in which order, whatever Kafka does."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.storage.database import create_engine
from cchc_shared.stream.classification import Parked
from cchc_shared.stream.kafka import KafkaSink
from cchc_shared.stream.record import Envelope, Record
from relay.publish import Publish
from tests.support.databases import Database
from tests.support.waiting import until

NOW = datetime(2024, 5, 6, tzinfo=UTC)


class Sink(KafkaSink):
    """Remembers what was sent. It refuses a version, or sends only when it may."""

    def __init__(self, refused: int = 0) -> None:
        super().__init__("nowhere")
        self.sent: list[int | None] = []
        self.sending, self.may_send = asyncio.Event(), asyncio.Event()
        self._refused = refused

    async def send(self, records: Sequence[Record]) -> list[Parked]:
        self.sending.set()
        await self.may_send.wait()
        if bad := next((record for record in records if record.version == self._refused), None):
            return [Parked(bad, "failed", "too large")]
        self.sent += [record.version for record in records]
        return []


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("relay"))
    yield engine
    await engine.dispose()


def record(version: int) -> Record:
    envelope = Envelope(UUID(int=version), "A", NOW, NOW, None)
    return Record("tasks", 3, (version, 0), "task:A", version, "a.type", b"{}", envelope, None)


async def publish(engine: AsyncEngine, sink: Sink, version: int) -> None:
    async with engine.begin() as conn:
        await Publish(sink).process(conn, [record(version)])


async def retry(engine: AsyncEngine, sink: Sink) -> None:
    async with engine.begin() as conn:
        await Publish(sink).retry(conn)


async def rows(engine: AsyncEngine, statement: str) -> list[tuple[object, ...]]:
    async with engine.connect() as conn:
        return [tuple(row) for row in await conn.execute(text(statement))]


async def test_an_event_does_not_park_behind_what_another_relay_is_sending(engine: AsyncEngine) -> None:
    one, other = Sink(refused=5), Sink()
    one.may_send.set()
    other.may_send.set()
    await publish(engine, one, 5)
    assert await rows(engine, "SELECT version, blocked FROM stream_version") == [(4, "poison")]
    async with engine.begin() as conn:
        await conn.execute(text("UPDATE stream_version SET retry = 1"))

    again = Sink()
    trying = asyncio.create_task(retry(engine, again))
    await again.sending.wait()
    following = asyncio.create_task(publish(engine, other, 6))

    async def waits_or_is_done() -> bool:
        locks = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        return following.done() or await rows(engine, locks) == [(1,)]

    await until(waits_or_is_done)
    again.may_send.set()
    await asyncio.gather(trying, following)
    assert (again.sent, other.sent) == ([5], [6])
    assert await rows(engine, "SELECT version FROM parked_event WHERE resolution IS NULL") == []


async def test_what_is_blocked_elsewhere_is_not_waited_for(engine: AsyncEngine) -> None:
    sink = Sink()
    sink.may_send.set()
    async with engine.begin() as conn:
        await conn.execute(
            text("INSERT INTO stream_version (aggregate, version, blocked) VALUES ('task:B', 1, 'poison')")
        )
        await publish(engine, sink, 1)
    assert sink.sent == [1]
