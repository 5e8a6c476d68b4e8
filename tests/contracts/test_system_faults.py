"""A fault of the system stops the consumer and shows; nothing parks, and it goes on by itself when it is mended."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event, encode
from cchc_shared.stream import parking
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.record import Advance, Batch, Envelope, Record
from tests.contracts.harness import Recorder, World, expected, name_of, running, task, until
from tests.contracts.transports import KafkaTransport


async def refused(consumer: Consumer, why: str) -> None:
    """The consumer says what keeps it from its work."""

    async def refusal() -> str | None:
        return consumer.refusal

    await until(refusal, lambda said: said is not None and why in said)


async def test_a_lost_grant_stops_and_parks_nothing(world: World) -> None:
    events = [task(f"A-{number}", 1) for number in range(50)]
    # A column that is gone is a fault of the same kind as a right that is gone, and any role may try it.
    async with world.engine.begin() as conn:
        await conn.execute(text("ALTER TABLE seen RENAME COLUMN member TO gone"))
    consumer = world.consumer()
    async with running(consumer):
        await world.producer.write(events)
        await refused(consumer, 'column "member" of relation "seen" does not exist')
        assert await world.parked() == []
        assert await world.rows("SELECT * FROM seen") == []
        async with world.engine.begin() as conn:
            await conn.execute(text("ALTER TABLE seen RENAME COLUMN gone TO member"))
        await world.caught_up()
        await until(lambda: _none(consumer))
    assert await world.effects() == expected(events)


async def test_a_handler_that_refuses_everything_stops_and_parks_nothing(world: World) -> None:
    events = [task(f"A-{number}", 1) for number in range(50)]
    broken = [True]
    consumer = world.consumer(handler=Recorder(fault=lambda _: TypeError("no such argument") if broken else None))
    async with running(consumer):
        for event in events:  # one by one: no batch shows by itself that all of them fail
            await world.producer.write([event])
        await refused(consumer, "aggregates fail with TypeError")
        assert len(await world.parked()) < 20
        broken.clear()
        await world.caught_up()
        await until(lambda: _none(consumer))
    done = {name_of(event) for event in events} - {aggregate for aggregate, _, _ in await world.parked()}
    assert await world.effects() == {name: [1] for name in done}


async def _none(consumer: Consumer) -> bool:
    return consumer.refusal is None


async def test_a_large_batch_that_is_refused_parks_nothing_at_all(world: World) -> None:
    await world.producer.write([task(f"A-{number}", 1) for number in range(50)])
    broken = [True]
    consumer = world.consumer(handler=Recorder(fault=lambda _: TypeError("no such argument") if broken else None))
    async with running(consumer):
        await refused(consumer, "Systemic")
        assert await world.parked() == []
        broken.clear()
        await world.caught_up()
    assert len(await world.effects()) == 50


def record(event: Event, topic: str, at: int) -> Record:
    envelope = Envelope(event.id, event.subject, event.occurred_at, event.recorded_at)
    return Record(topic, 0, (at, 0), name_of(event), event.version, event.type, encode(event.data), envelope)


@pytest.fixture(params=[1, 3])
def carried(request: pytest.FixtureRequest) -> Sequence[Event]:
    return [task("NEW", version) for version in range(1, request.param + 1)]


async def test_two_members_and_a_new_aggregate(world: World, carried: Sequence[Event]) -> None:
    """Two transports bring the first events of an aggregate at once: they take effect once."""
    if isinstance(world.transport, KafkaTransport):
        return  # nothing of this test is carried

    class Slow(Recorder):
        async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
            await super().apply(conn, events)
            await asyncio.sleep(0.3)

    consumers = [world.consumer(member, Slow(member)) for member in "ab"]
    topics = ["tasks", "cchc.tasks"]
    async with world.engine.begin() as conn:
        insert = text("INSERT INTO stream_position (topic, partition, major, minor) VALUES (:topic, 0, -1, -1)")
        await conn.execute(insert, [{"topic": topic} for topic in topics])
    both = [
        Batch([record(event, topic, event.version) for event in events], {(topic, 0): Advance((-1, -1), (9, 0))})
        for topic, events in zip(topics, (carried, carried[:1]), strict=True)
    ]
    assert await asyncio.gather(*(consumer.apply(batch) for consumer, batch in zip(consumers, both, strict=True)))
    assert await world.effects() == {"task:NEW": [event.version for event in carried]}
    versions = await world.rows("SELECT version, blocked FROM stream_version WHERE aggregate = 'task:NEW'")
    assert [tuple(row) for row in versions] == [(len(carried), None)]
    assert await world.parked() == []


async def test_the_same_version_with_another_id_is_not_silent(world: World) -> None:
    """As after a failover to a replica that lacked the last commits: the ghost was read, the true event comes later."""
    await world.producer.write([task("A", 1), task("A", 2), task("B", 1)])
    async with running(world.consumer()):
        await world.caught_up()
        ghost = (await world.rows("SELECT last_id FROM stream_version WHERE aggregate = 'task:A'"))[0].last_id
        async with world.producer.engines["tasks"].begin() as conn:
            await conn.execute(text("DELETE FROM outbox WHERE aggregateid = 'A' AND aggregateversion = 2"))
        again = task("A", 2)
        assert again.id != ghost
        await world.producer.write([again, task("A", 3)])
        await world.caught_up()
    assert (await world.effects())["task:A"] == [1, 2, 3]
    assert await world.parked() == [("task:A", 2, "conflict")]
    (row,) = await world.rows("SELECT error, headers FROM parked_event")
    assert str(ghost) in row.error
    assert row.headers["id"] == str(again.id)


async def test_a_conflict_that_an_operator_discards_leaves_what_took_effect(world: World) -> None:
    await world.producer.write([task("A", 1), task("A", 2)])
    async with running(world.consumer()):
        await world.caught_up()
        async with world.producer.engines["tasks"].begin() as conn:
            await conn.execute(text("DELETE FROM outbox WHERE aggregateversion = 2"))
        await world.producer.write([task("A", 2), task("A", 3)])
        await world.caught_up()
        async with world.engine.begin() as conn:
            [conflict] = await parking.page(conn, aggregate="", after=0, limit=10)
            assert await parking.act(conn, conflict.id, "discard", done_by="an-operator", reason="đã xem")
        await until(world.parked, lambda parked: not parked)
    # Whoever reads the log again obeys the act: nothing is passed over, nothing parks.
    async with world.engine.begin() as conn:
        for table in ("seen", "stream_version", "stream_position"):
            await conn.execute(text(f"DELETE FROM {table}"))
    async with running(world.consumer()):
        await world.caught_up()
    assert await world.effects() == {"task:A": [1, 2, 3]}
    assert await world.parked() == []
