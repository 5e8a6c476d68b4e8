"""A reader that is behind is told, whatever the clock of those who wrote says."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service import watching
from cchc_shared.service.watching import health_of_stream
from cchc_shared.storage.database import create_engine
from cchc_shared.stream.record import Position, Slot
from cchc_shared.stream.watch import Behind, LagWatch
from tests.support.databases import Database
from tests.support.waiting import until

NOW = datetime(2024, 5, 6, tzinfo=UTC)


class Log:
    """Says what it was told to say."""

    def __init__(self) -> None:
        self.oldest: datetime | None = None

    async def behind(self, _: Mapping[Slot, Position]) -> Behind:
        return Behind(0 if self.oldest is None else 1, self.oldest)

    async def close(self) -> None: ...


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("scoring"))
    yield engine
    await engine.dispose()


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def watch(engine: AsyncEngine, log: Log) -> LagWatch:
    return LagWatch(engine, "clocks", log, FixedClock(NOW))


def shown() -> float | None:
    return REGISTRY.get_sample_value("cchc_stream_oldest_seconds", {"consumer": "clocks"})


@pytest.mark.parametrize("slow", [timedelta(seconds=90), timedelta(minutes=2)])
async def test_an_event_of_a_slow_clock_has_not_waited(watch: LagWatch, log: Log, slow: timedelta) -> None:
    log.oldest = NOW - slow
    await watch.look()
    assert health_of_stream(watch).ready
    assert shown() == slow.total_seconds()


async def test_an_event_of_a_fast_clock_is_not_younger_than_nothing(watch: LagWatch, log: Log) -> None:
    log.oldest = NOW + timedelta(minutes=1)
    await watch.look()
    assert health_of_stream(watch).ready
    assert shown() == 0


async def test_age_is_told_by_the_clock_of_the_service(engine: AsyncEngine, log: Log) -> None:
    later = NOW + timedelta(days=400)
    log.oldest = later
    watch = LagWatch(engine, "clocks", log, FixedClock(later + timedelta(seconds=7)))
    await watch.look()
    assert shown() == 7


async def test_what_is_older_than_clocks_may_differ_has_waited(watch: LagWatch, log: Log) -> None:
    log.oldest = NOW - timedelta(minutes=4)
    await watch.look()
    assert "an event has waited" in (health_of_stream(watch).why or "")
    log.oldest = None
    await watch.look()
    assert health_of_stream(watch).ready


async def test_what_is_seen_to_wait_has_waited(watch: LagWatch, log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "BEHIND_SECONDS", 0.2)
    log.oldest = NOW + timedelta(minutes=1)

    async def ready() -> bool:
        await watch.look()
        return health_of_stream(watch).ready

    await until(ready, lambda is_ready: not is_ready)
    log.oldest = NOW + timedelta(minutes=2)  # the first was read, and the next waits
    assert await ready()
