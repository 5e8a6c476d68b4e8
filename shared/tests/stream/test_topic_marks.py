"""A member on Kafka knows the log it reads by what stands where it stopped: readable or not, at the start and later."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.storage.database import create_engine
from cchc_shared.stream import positions
from cchc_shared.stream.kafka import ForeignTopic, KafkaSource
from cchc_shared.stream.outbox import PARTITIONS
from tests.support.databases import Database

PLACE = TopicPartition("cchc.tasks", 3)


class Log:
    """One partition, as a client sees it; it goes on reading where it was told to."""

    def __init__(self, *messages: SimpleNamespace) -> None:
        self.messages = list(messages)
        self.partitions = PARTITIONS
        self._next = 0

    def partitions_for_topic(self, _: str) -> set[int]:
        return set(range(self.partitions))

    def assignment(self) -> set[TopicPartition]:
        return {PLACE}

    def seek(self, _: TopicPartition, offset: int) -> None:
        self._next = offset

    async def getmany(self, **_: object) -> Mapping[TopicPartition, Sequence[Any]]:
        if self._next > len(self.messages):  # out of range: Kafka's client begins with the earliest
            self._next = 0
        found = [SimpleNamespace(**vars(one) | {"offset": at}) for at, one in enumerate(self.messages)][self._next :]
        self._next = len(self.messages)
        return {PLACE: found} if found else {}

    async def beginning_offsets(self, _: object) -> dict[TopicPartition, int]:
        return {PLACE: 0}

    async def end_offsets(self, _: object) -> dict[TopicPartition, int]:
        return {PLACE: len(self.messages)}

    async def commit(self, _: object) -> None: ...


def message(version: int = 1, **spoilt: bytes) -> SimpleNamespace:
    now = datetime.now(UTC).isoformat().encode()
    headers = {
        "ce_id": str(uuid4()).encode(),
        "ce_subject": b"A",
        "ce_type": b"t",
        "ce_time": now,
        "ce_recordedtime": now,
        "ce_aggregatetype": b"task",
        "ce_aggregateversion": str(version).encode(),
    }
    return SimpleNamespace(partition=3, key=b"A", value=b"{}", headers=tuple((headers | spoilt).items()))


def unreadable(what: bytes) -> SimpleNamespace:
    return message(ce_id=what)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("scoring"))
    yield engine
    await engine.dispose()


def source(engine: AsyncEngine, log: Log) -> KafkaSource:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cchc_shared.stream.kafka.source.AIOKafkaConsumer", lambda **_: log)
        return KafkaSource("127.0.0.1:1", engine, ["tasks"], "scoring")


async def read(made: KafkaSource, engine: AsyncEngine) -> int:
    """How many records a batch brings; where they end is stored."""
    batch = await made.next(100, 0.01)
    if batch is None:
        return 0
    async with engine.begin() as conn:
        await positions.advance(conn, batch.advances)
    return len(batch.records)


async def test_a_record_that_cannot_be_read_marks_its_place(engine: AsyncEngine) -> None:
    log = Log(message(), unreadable(b"one"))
    assert await read(source(engine, log), engine) == 2
    log.messages.append(message(2))
    assert await read(source(engine, log), engine) == 1, "the same log goes on"


@pytest.mark.parametrize("other", [message(), unreadable(b"another")])
async def test_another_record_at_the_place_of_one_that_cannot_be_read(
    engine: AsyncEngine, other: SimpleNamespace
) -> None:
    assert await read(source(engine, Log(message(), unreadable(b"one"))), engine) == 2
    with pytest.raises(ForeignTopic, match="made anew"):
        await read(source(engine, Log(message(), other, message(2))), engine)


async def test_a_log_that_begins_anew_under_a_reader_is_refused(engine: AsyncEngine) -> None:
    log = Log(message(1), message(2), message(3))
    reader = source(engine, log)
    assert await read(reader, engine) == 3
    last = dict(log.messages[-1].headers)["ce_id"].decode()
    log.messages = [message(1)]
    with pytest.raises(ForeignTopic, match=f"offset 2 is not event {last}"):
        await read(reader, engine)


async def test_a_log_that_grew_shorter_names_the_event_it_lost(engine: AsyncEngine) -> None:
    log = Log(message(1), message(2))
    reader = source(engine, log)
    assert await read(reader, engine) == 2
    last = dict(log.messages[-1].headers)["ce_id"].decode()
    log.messages.clear()
    with pytest.raises(ForeignTopic, match=last):
        await reader.lag()


async def test_partitions_are_counted_with_each_assignment(engine: AsyncEngine) -> None:
    log = Log(message(1))
    reader = source(engine, log)
    assert await read(reader, engine) == 1
    log.partitions = 3
    await read(reader, engine)
    reader._displace()
    with pytest.raises(ForeignTopic, match="3 partitions, not 12"):
        await read(reader, engine)
