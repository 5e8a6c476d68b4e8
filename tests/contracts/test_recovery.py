"""Whatever hangs, fails or is killed: the stream goes on, and nothing is lost or doubled."""

import asyncio
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_embedded.postgres import wait_ready
from cchc_shared.contract.events import Event
from cchc_shared.storage.database import ANSWERING, CONSUMING, PUBLISHING, create_engine
from cchc_shared.stream.record import Batch, Slot, Source
from tests.contracts.harness import Recorder, World, expected, histories, open_world, running, task, until
from tests.contracts.servers import own_kafka, own_postgres
from tests.support.databases import Database


def restarts(consumer: str) -> float:
    return REGISTRY.get_sample_value("cchc_stream_restarts_total", {"consumer": consumer}) or 0


def lag(world: World, consumer: str) -> float:
    """What the metrics say is not yet applied."""
    samples = next(metric for metric in REGISTRY.collect() if metric.name == "cchc_stream_lag_events").samples
    return sum(
        sample.value
        for sample in samples
        if sample.labels["consumer"] == consumer and sample.labels["topic"] in world.transport.topics
    )


class Broken:
    """A source with one fault: `start` or `next` never returns, `next` raises, or it keeps back what is there."""

    def __init__(self, inner: Source, fault: str) -> None:
        self._inner = inner
        self._fault = fault

    async def start(self) -> None:
        if self._fault == "start hangs":
            await asyncio.Event().wait()
        await self._inner.start()
        await self._inner.rewind()

    async def next(self, limit: int, wait: float) -> Batch | None:
        if self._fault == "next hangs":
            await asyncio.Event().wait()
        if self._fault == "next fails":
            raise ConnectionError("the transport is away")
        await asyncio.sleep(wait)
        return None

    async def rewind(self) -> None: ...

    async def lag(self) -> dict[Slot, int]:
        return await self._inner.lag()

    async def stop(self) -> None:
        await self._inner.stop()


@pytest.mark.parametrize("fault", ["start hangs", "next hangs", "next fails", "keeps back"])
async def test_a_source_that_fails_or_stands_still_is_replaced(world: World, fault: str) -> None:
    sources: list[Source] = []

    def make() -> Source:
        real = world.transport.source("a")
        sources.append(real if sources else Broken(real, fault))
        return sources[-1]

    before = restarts("a")
    events = histories(["A", "B", "C"], versions=2)
    await world.producer.write(events)
    async with running(world.consumer("a", source=make, hang_seconds=1.5)):
        await world.caught_up()
    assert await world.effects() == expected(events)
    # On a busy machine a source that does its best may be taken for one that hangs, too.
    assert len(sources) == restarts("a") - before + 1 >= 2


class Handler(Recorder):
    """Calls `before` first, within the transaction."""

    def __init__(self, before: Callable[[], object]) -> None:
        super().__init__()
        self._before = before

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        waiting = self._before()
        if asyncio.iscoroutine(waiting):
            await waiting
        await super().apply(conn, events)


async def test_a_handler_that_never_returns_is_given_up_and_tried_again(world: World) -> None:
    calls = iter([asyncio.Event()])

    def hang_once() -> object:
        event = next(calls, None)
        return event and event.wait()

    events = histories(["A", "B"], versions=2)
    await world.producer.write(events)
    async with running(world.consumer("a", Handler(hang_once), hang_seconds=1)):
        await world.caught_up()
    assert await world.effects() == expected(events)


async def test_lag_is_shown_while_nothing_can_be_applied_and_is_gone_after(world: World) -> None:
    away = True

    def database_away() -> None:
        if away:
            raise OSError("away")

    await world.producer.write(histories((f"A-{number}" for number in range(30)), versions=2))
    async with running(world.consumer("lagging", Handler(database_away))):

        async def shown() -> float:
            return lag(world, "lagging")

        await until(shown, lambda behind: behind == 60)
        away = False
        await until(shown, lambda behind: behind == 0)
    assert len(await world.effects()) == 30


async def test_a_stopped_consumer_finishes_its_batch_and_loses_nothing(world: World) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> None:
        begun.set()
        await go_on.wait()

    events = histories((f"A-{number}" for number in range(24)), versions=4)
    await world.producer.write(events)
    consumer = world.consumer("a", Handler(slowly), batch_size=24)
    run = asyncio.create_task(consumer.run())
    await begun.wait()
    consumer.stop()
    await asyncio.sleep(0.05)
    assert not run.done()
    go_on.set()
    await run
    assert 0 < sum(map(len, (await world.effects()).values())) < len(events)
    async with running(world.consumer("b")):
        await world.caught_up()
    assert await world.effects() == expected(events)


async def test_who_is_frozen_inside_a_transaction_does_not_stop_the_others(database: Database) -> None:
    """Nobody reads beyond the oldest transaction: until its session is ended, all topics stand."""
    frozen = [create_engine(database.url("tasks"), bounds=bounds) for bounds in (ANSWERING, CONSUMING, PUBLISHING)]
    events = histories(["A", "B", "C"], versions=2)
    async with open_world(database, None) as world, AsyncExitStack() as stack:
        for engine in frozen:
            conn = await engine.connect()
            stack.push_async_callback(engine.dispose)
            stack.push_async_callback(conn.invalidate)
            await conn.execute(text("SELECT pg_current_xact_id()"))
        await world.producer.write(events)
        async with running(world.consumer()):
            await until(world.effects, lambda effects: effects == expected(events))


async def test_nothing_is_lost_or_doubled_when_postgresql_crashes(broker: str | None, tmp_path: Path) -> None:
    server, database = await own_postgres(tmp_path)
    try:
        async with open_world(database, broker) as world:
            before = histories((f"A-{number}" for number in range(60)), versions=4)
            after = histories((f"B-{number}" for number in range(20)), versions=2)
            await world.producer.write(before)
            async with running(world.consumer(batch_size=10)):
                await until(world.effects)
                server.kill(signal.SIGQUIT)
                server.start()
                await wait_ready(database.admin_url)
                for engine in world.producer.engines.values():  # what it had of connections went with the server
                    await engine.dispose()
                await until(lambda: _written(world, after))
                await world.caught_up()
            assert await world.effects() == expected([*before, *after])
            assert await world.parked() == []
    finally:
        server.kill()


async def _written(world: World, events: Sequence[Event]) -> bool:
    """Whether the producer got through: its pool may hold connections of before the crash."""
    try:
        await world.producer.write(events)
    except Exception:  # noqa: BLE001
        return False
    return True


async def test_nothing_is_lost_or_doubled_when_the_broker_is_killed(database: Database, tmp_path: Path) -> None:
    server, bootstrap = await own_kafka(tmp_path)
    try:
        async with open_world(database, bootstrap) as world:
            before = histories((f"A-{number}" for number in range(60)), versions=4)
            meanwhile = histories((f"B-{number}" for number in range(60)), versions=2)
            await world.producer.write(before)
            async with running(world.consumer(batch_size=10)):
                await until(world.effects)
                server.kill()
                await world.producer.write(meanwhile)
                await asyncio.sleep(0.5)
                server.start()
                await world.caught_up()
                await world.producer.write([task("last", 1)])
                await world.caught_up()
            assert await world.effects() == expected([*before, *meanwhile, task("last", 1)])
            assert await world.parked() == []
    finally:
        server.kill()
