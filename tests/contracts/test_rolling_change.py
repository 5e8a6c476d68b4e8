"""A transport is changed while members of one consumer work: for a while some read the outbox and others read Kafka.

What both bring takes effect once, in the order of its aggregate, whichever of them comes first.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.stream.consumer import Consumer
from tests.contracts.harness import KafkaWorld, Recorder, World, expected, histories, running, until
from tests.contracts.transports import PostgresTransport

AGGREGATES = 20
WAVES = (15, 400)
"""Of events, in a phase: at least so many, and then until each of its members has done something."""


class Slow(Recorder):
    """Takes its time inside the transaction, with its aggregates locked: the other transport overtakes it."""

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        await super().apply(conn, events)
        await asyncio.sleep(0.05)


class City:
    """Goes on writing: each wave is the next version of some aggregates that are known, and the first ones of new."""

    def __init__(self, world: World) -> None:
        self.written: list[Event] = []
        self._world = world
        self._wave = 0

    async def write(self) -> None:
        """Aggregates of three waves change at the same time, each wave has as many versions as there are places."""
        now, self._wave = self._wave, self._wave + 1
        made = [
            event
            for wave in range(max(0, now - 2), now + 1)
            for event in histories((f"A-{wave}-{number}" for number in range(AGGREGATES)), versions=now - wave + 1)
            if event.version == now - wave + 1
        ]
        await self._world.producer.write(made)
        self.written += made
        await asyncio.sleep(0.03)


async def members(world: World) -> set[str]:
    """Whoever has let an event take effect."""
    return {row.member for row in await world.rows("SELECT DISTINCT member FROM seen")}


@asynccontextmanager
async def at_work(consumer: Consumer) -> AsyncIterator[None]:
    async with running(consumer):
        yield


async def write_until_all_did_something(city: City, world: World, *names: str) -> None:
    for wave in range(WAVES[1]):
        await city.write()
        if wave >= WAVES[0] and set(names) <= await members(world):
            return
    pytest.fail(f"of {names} only {await members(world)} did anything")


async def test_members_on_both_transports_at_once_and_back_again(kafka_world: KafkaWorld) -> None:
    kafka, outbox = kafka_world, World(kafka_world.engine, kafka_world.producer, PostgresTransport(kafka_world.engine))
    city = City(kafka)

    def on_outbox(name: str) -> Consumer:
        return outbox.consumer(name, Slow(name), batch_size=24)

    def on_kafka(name: str) -> Consumer:
        return kafka.consumer(name, Slow(name), batch_size=40)

    async with running(kafka.transport.relay()):
        async with at_work(on_kafka("kafka-1")):
            async with at_work(on_outbox("outbox-1")):
                await write_until_all_did_something(city, kafka, "outbox-1", "kafka-1")
            # Forward: the first leaves, and one more begins on Kafka, while events go on coming.
            async with at_work(on_kafka("kafka-2")):
                await write_until_all_did_something(city, kafka, "kafka-2")
                # Back: one reads the outbox again, from where the first stood, while both of Kafka are at work.
                async with at_work(on_outbox("outbox-2")):
                    await write_until_all_did_something(city, kafka, "outbox-2")
        async with at_work(on_outbox("outbox-3")):
            await write_until_all_did_something(city, kafka, "outbox-3")
            await outbox.caught_up()
        # What Kafka still has to give took effect from the outbox, all of it.
        async with at_work(on_kafka("kafka-3")):
            await kafka.caught_up()
            await until(kafka.effects, lambda effects: effects == expected(city.written))
    assert await kafka.effects() == expected(city.written)
    assert await kafka.parked() == []
    assert await kafka.rows("SELECT aggregate FROM stream_version WHERE blocked IS NOT NULL") == []
