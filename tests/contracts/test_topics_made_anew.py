"""A topic that was made anew bears the old name and holds other events at the old places."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from cchc_shared.contract.events import Event
from cchc_shared.stream import parking
from cchc_shared.stream.kafka import ForeignTopic, ensure_topics
from tests.contracts.harness import KafkaWorld, Recorder, expected, name_of, report, running, task, until
from tests.contracts.test_system_faults import refused

POISON = ("task:P", "task:Q")


def refuses(broken: set[str]) -> Recorder:
    return Recorder(fault=lambda event: ValueError("no such unit") if name_of(event) in broken else None)


async def relayed(world: KafkaWorld) -> None:
    async with running(world.transport.relay()):
        await until(world.ends, lambda ends: ends is not None)


async def publish_only(world: KafkaWorld, events: Sequence[Event]) -> None:
    """The topics hold these events and nothing else."""
    async with world.producer.engines["tasks"].begin() as conn:
        await conn.execute(text("DELETE FROM outbox"))
    await world.producer.write(events)
    await world.transport.forget_published()
    await relayed(world)


async def forget_positions(world: KafkaWorld) -> None:
    """What the guide tells an operator to do who made the topics anew."""
    async with world.engine.begin() as conn:
        await conn.execute(text("DELETE FROM stream_position"))


@pytest.mark.parametrize("resolved", [False, True])
async def test_another_poison_event_at_the_place_of_a_parked_one_parks_beside_it(
    kafka_world: KafkaWorld, resolved: bool
) -> None:
    world = kafka_world
    broken = set(POISON)
    good = report("good", 1)
    await world.producer.write([good])
    await publish_only(world, [task("P", 1)])
    async with running(world.consumer(handler=refuses(broken))):
        await world.caught_up()
    assert await world.parked() == [("task:P", 1, "failed")]
    if resolved:
        async with world.engine.begin() as conn:
            await conn.execute(text("UPDATE parked_event SET resolution = 'released'"))
            await conn.execute(text("UPDATE stream_version SET version = 1, blocked = NULL WHERE aggregate = 'task:P'"))
    await world.transport.make_topics_anew()
    await forget_positions(world)
    await publish_only(world, [task("Q", 1)])
    async with running(world.consumer(handler=refuses(broken))):
        await world.caught_up()
        assert await world.parked() == [("task:P", 1, "failed"), ("task:Q", 1, "failed")][resolved:]
        broken.clear()
        async with world.engine.begin() as conn:
            asked = {"because": "failed", "error_prefix": "ValueError", "done_by": "an-operator", "reason": "mended"}
            assert await parking.act_on_all(conn, "retry", limit=10, **asked) == 2 - resolved  # type: ignore[arg-type]
        await until(world.parked, lambda parked: not parked)
    assert (await world.effects())["task:Q"] == [1]


async def test_a_topic_made_anew_is_noticed_and_nothing_is_passed_over(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    await world.producer.write([task(f"A-{number}", 1) for number in range(60)])
    await relayed(world)
    async with running(world.consumer()):
        await world.caught_up()
    before = await world.effects()
    await world.transport.make_topics_anew()
    fresh = [task(f"B-{number}", version) for number in range(60) for version in (1, 2)]
    await publish_only(world, fresh)
    consumer = world.consumer()
    async with running(consumer):
        await refused(consumer, ForeignTopic.__name__)
        await forget_positions(world)
        await world.caught_up()
    assert await world.effects() == before | expected(fresh)
    assert await world.parked() == []


async def test_a_topic_made_anew_and_still_empty_is_noticed(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    await world.producer.write([task(f"A-{number}", 1) for number in range(30)])
    await relayed(world)
    async with running(world.consumer()):
        await world.caught_up()
    await world.transport.make_topics_anew()
    consumer = world.consumer()
    async with running(consumer):
        await refused(consumer, ForeignTopic.__name__)


async def test_a_topic_with_another_number_of_partitions_is_refused(kafka_world: KafkaWorld) -> None:
    world = kafka_world
    await world.transport.make_topics_anew(partitions=3)
    consumer = world.consumer()
    async with running(consumer):
        await refused(consumer, "has 3 partitions, not 12")
    with pytest.raises(ValueError, match="has 3 partitions, not 12"):
        await ensure_topics(world.transport.bootstrap, ["tasks", "feedback"], prefix=world.transport.prefix)
