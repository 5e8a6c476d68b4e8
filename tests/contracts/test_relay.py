"""The relay brings every event to Kafka at least once, in order; what is on Kafka may be anything."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.contract.events import encode
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.stream import outbox, parking, positions
from cchc_shared.stream.inbox import Outcome
from cchc_shared.stream.kafka import KafkaSink, ensure_topics
from cchc_shared.stream.outbox import PARTITIONS, partition_of
from cchc_shared.stream.record import Position, Record, Slot
from relay.publish import Publish
from relay.worker import application
from tests.contracts.harness import KafkaWorld, World, expected, histories, running, task, until
from tests.support.databases import Database
from tests.support.events import task_event
from tests.support.tokens import TestTokens


async def published(world: World) -> int:
    return sum(at[0] + 1 for at in (await world.ends() or {}).values())


async def relayed(world: World) -> None:
    """Everything that was written is on Kafka and marked as such."""
    await until(world.ends, lambda ends: ends is not None)


class Dies(Publish):
    """Sends, and ends before the position is stored."""

    def __init__(self, sink: KafkaSink) -> None:
        super().__init__(sink)
        self.sent = asyncio.Event()

    async def process(self, conn: AsyncConnection, records: Sequence[Record], *, vouched: bool = False) -> Outcome:
        await super().process(conn, records, vouched=vouched)
        self.sent.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")


async def test_a_relay_killed_between_send_and_mark_sends_again_and_nothing_doubles(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    events = histories((f"A-{number}" for number in range(30)), versions=3)
    await world.producer.write(events)
    effect = Dies(world.transport.sink)
    doomed = asyncio.create_task(world.transport.relay("doomed", effect).run())
    await effect.sent.wait()
    doomed.cancel()
    await asyncio.wait([doomed])
    async with running(world.transport.relay("heir"), world.consumer()):
        await world.caught_up()
    assert await published(world) == 2 * len(events)
    assert await world.effects() == expected(events)
    assert await world.parked() == []


async def test_publishing_everything_again_changes_nothing(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    events = histories((f"A-{number}" for number in range(30)), versions=3)
    await world.producer.write(events)
    async with running(world.consumer()):
        for _ in range(2):
            async with running(world.transport.relay()):
                await relayed(world)
            await world.transport.forget_published()
        async with running(world.transport.relay()):
            await world.caught_up()
    assert await published(world) == 3 * len(events)
    assert await world.effects() == expected(events)


async def test_two_relays_share_the_outboxes(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    async with running(world.transport.relay("one"), world.transport.relay("two"), world.consumer()):
        written = []
        for wave in range(20):
            events = histories((f"A-{wave}-{number}" for number in range(24)), versions=2)
            await world.producer.write(events)
            written += events
        await world.caught_up()
    assert await published(world) == len(written)
    assert await world.effects() == expected(written)
    assert await world.parked() == []


async def test_messages_are_cloudevents_in_the_order_of_their_aggregate(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    events = histories([f"A-{number}" for number in range(10)], versions=5)
    await world.producer.write(events)
    async with running(world.transport.relay()):
        await relayed(world)
    reader = AIOKafkaConsumer(bootstrap_servers=world.transport.bootstrap, auto_offset_reset="earliest")
    await reader.start()
    try:
        reader.assign([TopicPartition(topic, n) for topic in world.transport.topics for n in range(PARTITIONS)])
        messages: list[ConsumerRecord] = []
        while len(messages) < len(events):
            found = await reader.getmany(timeout_ms=500)
            messages += [message for batch in found.values() for message in batch]
    finally:
        await reader.stop()
    versions = defaultdict(list)
    for message in messages:
        headers = dict(message.headers)
        assert headers["ce_specversion"] == b"1.0"
        assert headers["ce_subject"] == message.key
        assert message.partition == partition_of(message.key.decode())
        versions[headers["ce_aggregatetype"] + b":" + message.key].append(int(headers["ce_aggregateversion"]))
    assert {name.decode(): found for name, found in versions.items()} == expected(events)
    sample = next(message for message in messages if message.key == b"A-0")
    (first,) = (event for event in events if (event.subject, event.version) == ("A-0", 1))
    assert dict(sample.headers) == {
        "ce_specversion": b"1.0",
        "ce_source": f"/cchc/{first.data.TOPIC}".encode(),
        "ce_type": first.type.encode(),
        "ce_id": str(first.id).encode(),
        "ce_subject": b"A-0",
        "ce_time": first.occurred_at.isoformat().replace("+00:00", "Z").encode(),
        "ce_recordedtime": first.recorded_at.isoformat().replace("+00:00", "Z").encode(),
        "ce_aggregatetype": b"task",
        "ce_aggregateversion": b"1",
        "content-type": b"application/json",
    }


GOOD = {
    "ce_id": b"018f4e1c-0000-7000-8000-000000000000",
    "ce_type": b"vn.hanoi.cchc.task.assigned.v1",
    "ce_subject": b"bad",
    "ce_time": b"2024-05-06T02:00:00+00:00",
    "ce_recordedtime": b"2024-05-06T02:00:00+00:00",
    "ce_aggregatetype": b"task",
    "ce_aggregateversion": b"1",
}


SPOILT: list[tuple[dict[str, bytes | None], str | None]] = [
    ({"ce_aggregateversion": b"one"}, "task:bad0"),
    ({"ce_aggregateversion": b"0"}, "task:bad1"),
    ({"ce_aggregateversion": b"99999999999"}, "task:bad2"),
    ({"ce_aggregateversion": None}, "task:bad3"),
    ({"ce_subject": None}, None),
    ({"ce_subject": b"\xff\xfe"}, "task:\\xff\\xfe"),
    ({"ce_subject": b"a\0b"}, "task:a\\0b"),
    ({"ce_subject": b"x" * 100_000}, None),
    ({"ce_id": b"not a uuid"}, "task:bad8"),
    ({"ce_time": b"yesterday"}, "task:bad9"),
    ({"ce_time": b"2024-05-06T02:00:00"}, "task:bad10"),
    ({"ce_type": None}, "task:bad11"),
    ({"ce_type": b"a\0b"}, "task:bad12"),
    ({"extra\0": b"\0"}, "task:bad13"),
]
"""What is wrong with a message's headers, and the aggregate that parks for it; None where there is none to be read."""


async def test_a_message_whose_headers_cannot_be_read_is_parked_with_what_it_had(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    topic = world.transport.topics[0]
    payload = encode(task("bad", 1).data)
    for number, (spoil, _) in enumerate(SPOILT):
        given: dict[str, bytes | None] = {**GOOD, "ce_subject": f"bad{number}".encode(), **spoil}
        headers = [(name, value) for name, value in given.items() if value is not None]
        await world.transport.raw.send_and_wait(topic, payload, partition=3, headers=headers)
    await world.producer.write([task("good", 1)])
    async with running(world.transport.relay(), world.consumer()):
        await world.caught_up()
    assert await world.effects() == {"task:good": [1]}
    rows = await world.rows("SELECT * FROM parked_event ORDER BY major")
    assert [row.aggregate for row in rows] == [
        aggregate or f"?:{topic}/3/{number}" for number, (_, aggregate) in enumerate(SPOILT)
    ]
    for row in rows:
        assert (row.reason, bytes(row.payload), row.topic, row.partition) == ("malformed", payload, topic, 3)
        assert row.error


async def test_a_message_without_value_or_with_empty_headers_is_parked(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    topic = world.transport.topics[0]
    for headers in ([], [("ce_subject", None)], list(GOOD.items())):
        await world.transport.raw.send_and_wait(topic, None, key=b"bad", partition=0, headers=headers)
    async with running(world.transport.relay(), world.consumer()):
        await world.caught_up()
    rows = await world.rows("SELECT aggregate, reason FROM parked_event ORDER BY id")
    assert [row.reason for row in rows] == ["malformed"] * 3


async def test_where_to_go_on_is_what_the_database_says_whatever_kafka_remembers(
    kafka_world: KafkaWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = kafka_world
    monkeypatch.setattr("cchc_shared.stream.kafka.source.COMMIT_SECONDS", 0)
    events = histories(["A", "B", "C"], versions=2)
    await world.producer.write(events)
    async with running(world.transport.relay()):
        async with running(world.consumer()):
            await world.caught_up()
            await asyncio.sleep(0.5)  # by now Kafka has been told that everything was read
        await world.forget()
        async with running(world.consumer()):
            await world.caught_up()
    assert await world.effects() == expected(events)


async def test_partitions_whose_positions_cannot_be_loaded_are_not_read_from_elsewhere(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    loads = 0
    real = positions.load

    async def fails_once(engine: AsyncEngine, topics: Sequence[str]) -> dict[Slot, Position]:
        nonlocal loads
        loads += 1
        if loads == 1:
            raise OSError("the database is away")
        return await real(engine, topics)

    events = histories(["A", "B", "C"], versions=2)
    await world.producer.write(events)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cchc_shared.stream.kafka.source.positions.load", fails_once)
        async with running(world.consumer()):
            await until(lambda: _loads(loads), lambda count: count >= 2)
    async with running(world.transport.relay(), world.consumer()):
        await world.caught_up()
    assert await world.effects() == expected(events)


async def _loads(count: int) -> int:
    return count


async def test_the_relay_as_it_is_run_publishes_and_says_that_it_lives(
    kafka_world: KafkaWorld, database: Database, tokens: TestTokens, tmp_path: Path
) -> None:
    world = kafka_world
    settings = ServiceSettings(
        database_url=database.url("relay"),
        kafka_bootstrap_servers=world.transport.bootstrap,
        jwks_url=tokens.jwks_url,
        CCHC_PROFILE=tmp_path,
    )
    events = histories(["A", "B", "C"], versions=2)
    await world.producer.write(events)
    app = application(settings, prefix=world.transport.prefix)
    async with app.router.lifespan_context(app), running(world.consumer()):
        await world.caught_up()
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://relay") as client:
            # The events are years old by their own words: the relay was behind, until it looked again.
            answer = await until(lambda: client.get("/readyz"), lambda found: found.status_code == 200)
            assert answer.json()["checks"].keys() == {"relay", "stream"}
            assert "cchc_stream_lag_events" in (await client.get("/metrics")).text
    assert await world.effects() == expected(events)


async def test_topics_are_made_once_and_another_number_of_partitions_is_refused(kafka_world: KafkaWorld) -> None:
    transport = kafka_world.transport
    await ensure_topics(transport.bootstrap, ["tasks"], prefix=transport.prefix)
    with pytest.raises(ValueError, match="12 partitions, not 6"):
        await ensure_topics(transport.bootstrap, ["tasks"], partitions=6, prefix=transport.prefix)


PARKED = "SELECT aggregate, version, reason FROM parked_event WHERE resolution IS NULL ORDER BY aggregate, version"


async def parked_by_the_relay(world: KafkaWorld) -> list[tuple[str, int, str]]:
    async with world.transport.relay_engine.connect() as conn:
        return [tuple(row) for row in await conn.execute(text(PARKED))]


async def test_what_the_broker_never_takes_is_parked_by_its_aggregate_and_everything_else_goes_on(
    kafka_world: KafkaWorld,
) -> None:
    world = kafka_world
    good = histories((f"A-{number}" for number in range(6)), versions=2)
    big = [task_event("big", version, lead_unit="x" * 20_000 if version == 2 else "x") for version in (1, 2, 3)]
    await world.transport.take_at_most(10_000)
    async with running(world.transport.relay(), world.consumer()):
        await world.producer.write([*big, *good])
        await until(lambda: parked_by_the_relay(world), lambda found: len(found) == 2)
        await world.producer.write([task("big", 4), task("last", 1)])
        await until(world.effects, lambda effects: "task:last" in effects)
        assert await world.effects() == expected([big[0], *good, task("last", 1)])
        # They are of two aggregates: nobody waits for the other.
        await until(
            lambda: parked_by_the_relay(world),
            lambda found: found == [("task:big", 2, "failed"), ("task:big", 3, "behind"), ("task:big", 4, "behind")],
        )
        await world.transport.take_at_most(1 << 20)
        async with world.transport.relay_engine.begin() as conn:
            first = (await parking.page(conn, aggregate="", after=0, limit=1))[0]
            assert await parking.act(conn, first.id, "retry", done_by="an-operator", reason="topics are larger now")
        await until(world.effects, lambda effects: effects["task:big"] == [1, 2, 3, 4])
    assert await parked_by_the_relay(world) == []
    assert await world.parked() == []


async def test_the_largest_event_passes(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    largest = task_event("A", 1, lead_unit="x" * (outbox.EVENT_BYTES - 2000))
    assert len(outbox.record(largest)) > outbox.EVENT_BYTES - 2000
    with pytest.raises(outbox.EventTooLarge):
        outbox.record(task_event("A", 1, lead_unit="x" * outbox.EVENT_BYTES))
    await world.producer.write([largest])
    async with running(world.transport.relay(), world.consumer()):
        await world.caught_up()
    assert await world.effects() == {"task:A": [1]}
