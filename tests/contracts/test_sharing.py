"""Members share the partitions; whoever leaves, dies or hangs is replaced, and whoever wakes too late is fenced."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from cchc_shared.stream.record import Batch, Source
from tests.contracts.harness import Recorder, World, expected, histories, running, task
from tests.contracts.member import Orders
from tests.contracts.transports import KafkaTransport
from tests.support.databases import Database
from tests.support.waiting import LIMIT_SECONDS


async def by_member(world: World) -> Counter[str]:
    return Counter({row.member: row.count for row in await world.rows("SELECT member, count(*) FROM seen GROUP BY 1")})


async def test_three_members_share_the_work_and_do_it_once(world: World) -> None:
    written = []
    async with running(*(world.consumer(member) for member in "abc")):
        for wave in range(200):
            events = histories((f"A-{wave}-{number}" for number in range(24)), versions=2)
            await world.producer.write(events)
            written += events
            await asyncio.sleep(0.05)
            if len(await by_member(world)) == 3:
                break
        await world.caught_up()
    assert set(await by_member(world)) == {"a", "b", "c"}
    assert await world.effects() == expected(written)
    assert await world.parked() == []


async def test_members_that_come_and_go_lose_and_double_nothing(world: World) -> None:
    written = []

    async def write() -> None:
        for wave in range(40):
            events = histories((f"A-{wave}-{number}" for number in range(30)), versions=2)
            await world.producer.write(events)
            written.extend(events)
            await asyncio.sleep(0.05)

    async def visit(member: str) -> None:
        for _ in range(2):
            async with running(world.consumer(member, batch_size=7)):
                await asyncio.sleep(0.6)

    async with running(world.consumer("stays", batch_size=7)):
        await asyncio.gather(write(), visit("b"), visit("c"))
        await world.caught_up()
    assert await world.effects() == expected(written)
    assert await world.parked() == []


class Waking:
    """A source that first gives a batch it had read long ago."""

    def __init__(self, inner: Source, old: Batch) -> None:
        self._old: Batch | None = old
        self._inner = inner
        self.start, self.lag, self.stop = inner.start, inner.lag, inner.stop
        self.rewound = 0

    async def next(self, limit: int, wait: float) -> Batch | None:
        old, self._old = self._old, None
        return old or await self._inner.next(limit, wait)

    async def rewind(self) -> None:
        self.rewound += 1
        await self._inner.rewind()


async def read_and_left(world: World, member: str) -> Batch:
    """A batch that a member read, and never applied."""
    source = world.transport.source(member)
    await source.start()
    while (batch := await source.next(1000, 0.2)) is None:
        pass
    await source.stop()
    return batch


async def test_a_zombie_with_an_old_position_changes_nothing(world: World) -> None:
    events = histories(["A", "B", "C"], versions=3)
    await world.producer.write(events)
    batch = await read_and_left(world, "zombie")
    async with running(world.consumer("heir")):
        await world.caught_up()
    assert not await world.consumer("zombie").apply(batch)
    assert await world.effects() == expected(events)
    assert set(await by_member(world)) == {"heir"}


async def test_who_wakes_with_an_old_batch_goes_on_where_others_are(world: World) -> None:
    events = histories(["A", "B", "C"], versions=3)
    await world.producer.write(events)
    old = await read_and_left(world, "sleeper")
    async with running(world.consumer("heir")):
        await world.caught_up()
    later = histories(["D", "E", "F"], versions=3)
    await world.producer.write(later)
    waking = Waking(world.transport.source("sleeper"), old)
    async with running(world.consumer("sleeper", source=lambda: waking)):
        await world.caught_up()
    assert waking.rewound
    assert await world.effects() == expected([*events, *later])
    assert (await by_member(world))["sleeper"] == len(later)


async def test_of_two_that_apply_the_same_batch_at_once_one_is_fenced(world: World) -> None:
    await world.producer.write([task(f"A-{number}", 1) for number in range(50)])
    batch = await read_and_left(world, "a")
    done = await asyncio.gather(*(world.consumer(name).apply(batch) for name in "ab"))
    assert sorted(done) == [False, True]
    assert sum((await by_member(world)).values()) == len(batch.records)


@asynccontextmanager
async def process(world: World, database: Database, name: str, seconds_a_batch: float) -> AsyncIterator[Process]:
    """A member in a process of its own, at work."""
    orders = Orders(database.url("scoring"), name, seconds_a_batch=seconds_a_batch, batch_size=24)
    if isinstance(world.transport, KafkaTransport):
        orders.bootstrap, orders.prefix = world.transport.bootstrap, world.transport.prefix
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.contracts.member", msgspec.json.encode(orders).decode(), stdout=PIPE
    )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.kill()
        await child.communicate()


async def says(child: Process, word: str) -> None:
    assert child.stdout is not None
    async with asyncio.timeout(LIMIT_SECONDS):  # it fails before, when the member ends
        while word.encode() not in (line := await child.stdout.readline()):
            assert line, "the member has ended"


async def test_others_take_over_from_a_member_that_is_killed(world: World, database: Database) -> None:
    events = histories((f"A-{number}" for number in range(60)), versions=4)
    await world.producer.write(events)
    async with process(world, database, "doomed", seconds_a_batch=0.2) as child:
        await says(child, "applying")
        async with running(world.consumer("heir", Recorder("heir"))):
            await says(child, "applying")
            child.kill()
            await world.caught_up()
    assert await world.effects() == expected(events)
    assert await world.parked() == []


async def test_others_take_over_from_a_member_that_hangs_and_it_does_no_harm_when_it_wakes(
    world: World, database: Database
) -> None:
    events = histories((f"A-{number}" for number in range(60)), versions=4)
    await world.producer.write(events)
    async with process(world, database, "sleeper", seconds_a_batch=0.2) as child:
        await says(child, "applying")
        # Asleep within its transaction: with the locks on its positions.
        child.send_signal(signal.SIGSTOP)
        async with running(world.consumer("heir", Recorder("heir"))):
            await world.caught_up()
            assert await world.effects() == expected(events)
            child.send_signal(signal.SIGCONT)
            more = histories((f"B-{number}" for number in range(60)), versions=1)
            await world.producer.write(more)
            await world.caught_up()
    assert await world.effects() == expected([*events, *more])
    assert await world.parked() == []
