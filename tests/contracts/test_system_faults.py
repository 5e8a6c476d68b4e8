"""A fault of the system stops the consumer and shows; nothing parks, and it goes on by itself when it is mended."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import TOPICS, Event, encode
from cchc_shared.stream import parking
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.outbox import PARTITIONS, partition_of
from cchc_shared.stream.record import Advance, Batch, Envelope, Record, Slot, Source
from tests.contracts.harness import Recorder, World, expected, name_of, neighbours, running, task, until
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


async def test_a_handler_that_refuses_everything_stops_and_parks_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cchc_shared.stream.consumer.PAUSES", (0.01, 0.02))
    events = [task(f"A-{number}", 1) for number in range(30)]
    broken = [True]
    consumer = world.consumer(handler=Recorder(fault=lambda _: TypeError("no such argument") if broken else None))
    async with running(consumer):
        for count, event in enumerate(events, 1):  # they trickle in: no batch shows by itself that all of them fail
            await world.producer.write([event])
            await refused(consumer, f"nothing succeeds: TypeError, {count} of {count} aggregates")
            assert await world.rows("SELECT * FROM parked_event") == []
        broken.clear()
        await world.caught_up()
        await until(lambda: _none(consumer))
    assert await world.effects() == expected(events)
    assert await world.rows("SELECT * FROM parked_event") == []


async def test_one_bad_event_among_few_waits_for_one_that_succeeds(world: World) -> None:
    """Whose fault it is cannot be told before: then it stops its own aggregate, and nothing else."""
    consumer = world.consumer(handler=Recorder(fault=refuses("bad")))
    async with running(consumer):
        await world.producer.write([task("bad", 1)])
        await refused(consumer, "nothing succeeds: ValueError, 1 of 1 aggregates")
        assert await world.parked() == []
        await world.producer.write([task("good", 1), task("bad", 2)])
        await world.caught_up()
        await until(lambda: _none(consumer))
    assert await world.effects() == {"task:good": [1]}
    assert await world.parked() == [("task:bad", 1, "failed"), ("task:bad", 2, "behind")]


async def test_a_success_of_another_partition_tells_too_when_each_is_read_by_itself(world: World) -> None:
    """As Kafka may give them: what fails and what succeeds never meet in one transaction."""
    bad, good, other = "bad", "good", "other"
    assert len({partition_of(name) for name in (bad, good, other)}) == 3
    consumer = world.consumer(
        handler=Recorder(fault=lambda event: None if event.subject == good else ValueError("no such unit")),
        source=lambda: OneSlotAtATime(world.transport.source("a")),
    )
    async with running(consumer):
        await world.producer.write([task(bad, 1)])
        await refused(consumer, "nothing succeeds: ValueError, 1 of 1 aggregates")
        await world.producer.write([task(good, 1), task(bad, 2)])
        await world.caught_up()
        await world.producer.write([task(other, 1)])
        await refused(consumer, "nothing succeeds: ValueError, 1 of 1 aggregates")  # each doubt wants its own success
        assert await world.parked() == [("task:bad", 1, "failed"), ("task:bad", 2, "behind")]
        await world.producer.write([task(good, 2)])
        await world.caught_up()
    assert await world.effects() == {"task:good": [1, 2]}
    assert await world.parked() == [
        ("task:bad", 1, "failed"),
        ("task:bad", 2, "behind"),
        ("task:other", 1, "failed"),
    ]


class OneSlotAtATime:
    """Gives each partition by itself; after a rewind, the one that it gave first comes last."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rest: list[Batch] = []
        self._first: Slot | None = None
        self._rewound = True

    async def start(self) -> None:
        await self._source.start()

    async def next(self, limit: int, wait: float) -> Batch | None:
        if not self._rest:
            batch = await self._source.next(limit, wait)
            if batch is None:
                return None
            for slot in sorted(batch.advances, key=lambda slot: slot == self._first):
                records = [record for record in batch.records if (record.topic, record.partition) == slot]
                self._rest.append(Batch(records, {slot: batch.advances[slot]}))
        given = self._rest.pop(0)
        if self._rewound:
            (self._first,) = given.advances
            self._rewound = False
        return given

    async def rewind(self) -> None:
        self._rest.clear()
        self._rewound = True
        await self._source.rewind()

    async def lag(self) -> dict[Slot, int]:
        return await self._source.lag()

    async def stop(self) -> None:
        await self._source.stop()


async def test_what_succeeds_is_found_behind_many_that_fail(world: World) -> None:
    """A batch that shows nothing but what fails is followed by larger ones, until one can tell."""
    bad, good = neighbours(2)
    events = [task(bad, version) for version in range(1, 13)]
    consumer = world.consumer(handler=Recorder(fault=refuses(bad)), batch_size=2 * PARTITIONS * len(TOPICS))
    async with running(consumer):
        await world.producer.write([*events, task(good, 1)])
        await world.caught_up()
    assert await world.effects() == {f"task:{good}": [1]}
    assert len(await world.parked()) == len(events)


async def test_what_failed_is_tried_again_when_a_mended_worker_starts(world: World) -> None:
    events = [task("bad", 1), task("bad", 2), task("good", 1)]
    await world.producer.write(events)
    for culprit in ("bad", "bad"):
        async with running(world.consumer(handler=Recorder(fault=refuses(culprit)))):
            await world.caught_up()
            await until(world.parked, lambda parked: len(parked) == 2)
    async with running(world.consumer()):
        await until(world.parked, lambda parked: not parked)
    assert await world.effects() == expected(events)
    assert await world.rows("SELECT * FROM parked_event_audit") == [], "nobody had to ask"


def refuses(subject: str) -> Callable[[Event], Exception | None]:
    return lambda event: ValueError("no such unit") if event.subject == subject else None


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
