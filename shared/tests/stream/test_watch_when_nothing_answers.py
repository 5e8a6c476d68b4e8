"""A gauge that cannot be renewed says that it knows nothing; its last value would look alive."""

import math
from collections.abc import AsyncIterator, Mapping

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.storage.database import create_engine
from cchc_shared.stream.kafka import KafkaLog
from cchc_shared.stream.record import Position, Slot
from cchc_shared.stream.watch import Behind, LagWatch, Log
from tests.support.databases import Database

OF_THE_LOG = ("cchc_stream_backlog_events", "cchc_stream_oldest_seconds")


class Known:
    """A log in which five events wait, while it can be asked."""

    def __init__(self) -> None:
        self.away: Exception | None = None

    async def behind(self, _: Mapping[Slot, Position]) -> Behind:
        if self.away is not None:
            raise self.away
        return Behind(5)

    async def close(self) -> None: ...


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("scoring"))
    yield engine
    await engine.dispose()


def shown(metric: str, **labels: str) -> float:
    value = REGISTRY.get_sample_value(metric, labels)
    assert value is not None
    return value


def parked(consumer: str) -> float:
    return shown("cchc_stream_parked_events", consumer=consumer, reason="failed")


async def test_gauges_of_a_log_that_is_away_say_that_nothing_is_known(engine: AsyncEngine) -> None:
    log = Known()
    watch = LagWatch(engine, "unknown", log, SystemClock())
    await watch.look()
    assert shown(OF_THE_LOG[0], consumer="unknown") == 5
    log.away = TimeoutError("the broker is away")
    with pytest.raises(TimeoutError):
        await watch.look()
    assert all(math.isnan(shown(name, consumer="unknown")) for name in OF_THE_LOG)
    assert parked("unknown") == 0, "the database answers, and what it says is shown"
    log.away = None
    await watch.look()
    assert shown(OF_THE_LOG[0], consumer="unknown") == 5


async def test_a_broker_that_does_not_answer_is_such_a_log(engine: AsyncEngine) -> None:
    known = LagWatch(engine, "broken", Known(), SystemClock())
    await known.look()
    log: Log = KafkaLog("127.0.0.1:1", ["tasks"])
    with pytest.raises(Exception, match=r"."):
        await LagWatch(engine, "broken", log, SystemClock()).look()
    assert all(math.isnan(shown(name, consumer="broken")) for name in OF_THE_LOG)


async def test_without_a_database_nothing_is_known_at_all(database: Database, engine: AsyncEngine) -> None:
    await LagWatch(engine, "lost", Known(), SystemClock()).look()
    nowhere = create_engine("postgresql://scoring_worker:x@127.0.0.1:1/nothing")
    with pytest.raises(OSError, match=r"."):
        await LagWatch(nowhere, "lost", Known(), SystemClock()).look()
    assert math.isnan(parked("lost"))
    assert all(math.isnan(shown(name, consumer="lost")) for name in OF_THE_LOG)
    await nowhere.dispose()
