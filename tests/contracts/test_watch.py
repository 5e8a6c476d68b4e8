"""How far a consumer is behind can be told while it is dead, on either transport."""

from collections.abc import AsyncIterator

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.contract.events import TOPICS
from cchc_shared.stream.kafka import KafkaLog
from cchc_shared.stream.postgres import OutboxLog
from cchc_shared.stream.watch import LagWatch
from tests.contracts.harness import Recorder, World, running, task, until
from tests.contracts.transports import KafkaTransport


def shown(metric: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(metric, labels)


def behind() -> float | None:
    return shown("cchc_stream_backlog_events", consumer="watched")


@pytest.fixture
async def watch(world: World) -> AsyncIterator[LagWatch]:
    log: OutboxLog | KafkaLog = OutboxLog(world.engine, TOPICS)
    if isinstance(world.transport, KafkaTransport):
        log = KafkaLog(world.transport.bootstrap, TOPICS, prefix=world.transport.prefix)
    yield LagWatch(world.engine, "watched", log, SystemClock())
    await log.close()


async def test_what_nobody_has_applied_is_counted_and_its_age_told(world: World, watch: LagWatch) -> None:
    await world.producer.write([task(f"A-{number}", 1) for number in range(30)])

    async def looked() -> float | None:
        await watch.look()
        return behind()

    await until(looked, lambda count: count == 30)

    async def age() -> float:
        await watch.look()
        return shown("cchc_stream_oldest_seconds", consumer="watched") or 0

    # These events were recorded years ago, as their clock says.
    await until(age, lambda seconds: seconds > 86_400)
    broken = [True]
    bad = Recorder(fault=lambda event: ValueError("no") if broken and event.subject == "A-7" else None)
    async with running(world.consumer(handler=bad)):
        await world.caught_up()
    await watch.look()
    assert behind() == 0
    assert shown("cchc_stream_oldest_seconds", consumer="watched") == 0
    assert shown("cchc_stream_parked_events", consumer="watched", reason="failed") == 1
    assert shown("cchc_stream_parked_events", consumer="watched", reason="gap") == 0


async def test_a_held_feed_shows_in_the_metrics(world: World, watch: LagWatch) -> None:
    async with world.engine.connect() as conn:
        # It idles for as long as this machine needs to look, which may be longer than a service may idle.
        await conn.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        await conn.execute(text("SELECT pg_current_xact_id()"))

        async def held() -> float:
            await watch.look()
            return shown("cchc_stream_held_seconds") or 0

        await until(held, lambda seconds: seconds > 0.5)
        await conn.rollback()
        await until(held, lambda seconds: seconds < 0.5)
