"""Each event takes effect once, in the order of its aggregate, whoever reads and however the writers interleave."""

import asyncio
import random

from sqlalchemy import text

from cchc_shared.stream import outbox
from tests.contracts.harness import World, expected, histories, neighbours, report, running, task


async def test_every_event_takes_effect_once_in_the_order_of_its_aggregate(world: World) -> None:
    events = histories((f"A-{number}" for number in range(40)), versions=8)
    async with running(world.consumer(batch_size=50)):
        for start in range(0, len(events), 40):
            await world.producer.write(events[start : start + 40])
        await world.caught_up()
    assert await world.effects() == expected(events)


async def test_a_transaction_that_commits_late_is_not_passed_over(world: World) -> None:
    slow, quick, after = neighbours(3)
    async with running(world.consumer()):
        async with world.producer.engines["tasks"].begin() as conn:
            # Its number is taken before that of the next transaction, which commits and may be read before this one.
            await outbox.write(conn, [task(slow, 1)])
            await world.producer.write([task(quick, 1), report("other", 1)])
            await asyncio.sleep(0.3)
        await world.producer.write([task(after, 1)])
        await world.caught_up()
    assert await world.effects() == expected([task(slow, 1), task(quick, 1), task(after, 1), report("other", 1)])


async def test_nothing_is_lost_among_concurrent_commits(world: World) -> None:
    subjects = neighbours(30)
    chance = random.Random(7)  # noqa: S311 - spreads the commits, keeps no secret
    written = []

    async def citizen(number: int) -> None:
        make, topic = ((task, "tasks"), (report, "feedback"))[number % 2]
        for _ in range(6):
            async with world.producer.engines[topic].begin() as conn:
                event = await world.producer.change(conn, make, chance.choice(subjects))
                await asyncio.sleep(chance.random() * 0.03)
            written.append(event)

    async with running(world.consumer(batch_size=20)):
        await asyncio.gather(*(citizen(number) for number in range(40)))
        await world.caught_up()
    assert len(written) == 240
    assert await world.effects() == expected(written)
    assert await world.parked() == []


async def test_a_transaction_numbered_before_it_had_the_lock_does_not_turn_the_order_round(world: World) -> None:
    tasks = world.producer.engines["tasks"]
    async with running(world.consumer()):
        async with tasks.begin() as early:
            await early.execute(text("SELECT pg_current_xact_id()"))
            async with tasks.begin() as first:
                await world.producer.change(first, task, "A")
            await world.producer.change(early, task, "A")
        await world.caught_up()
    assert await world.effects() == {"task:A": [1, 2]}
    assert await world.parked() == []


async def test_reading_everything_again_changes_nothing(world: World) -> None:
    events = histories((f"A-{number}" for number in range(12)), versions=4)
    await world.producer.write(events)
    for _ in range(3):
        async with running(world.consumer()):
            await world.caught_up()
        await world.rewind()
    assert await world.effects() == expected(events)
