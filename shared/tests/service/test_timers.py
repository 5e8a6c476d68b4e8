"""What is due takes effect once, as of its due time, in one transaction with its event, however many instances run."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.task import TaskStarted
from cchc_shared.service.context import Context
from cchc_shared.service.health import READY
from cchc_shared.service.timers import LONGEST_PAUSE, Sweep, Swept, Tick, Timer, TimerLoop
from cchc_shared.storage import timers
from cchc_shared.storage.database import create_engine, metadata
from cchc_shared.storage.timers import Due
from cchc_shared.stream import outbox
from tests.support.contexts import context
from tests.support.databases import Database

NOW = datetime(2024, 5, 6, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
KIND = "consultation.deem"
TABLES = metadata()
outbox.outbox_table(TABLES)
timers.timer_tables(TABLES)

Loop = Callable[..., TimerLoop]
"""`loop(timers=…, sweeps=…, ticks=…)`: another instance, with connections of its own."""


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("relay"))
    async with engine.begin() as conn:
        await conn.run_sync(TABLES.create_all)
        await conn.execute(text("CREATE TABLE effect (id bigserial, key text, due_at timestamptz)"))
    yield engine
    await engine.dispose()


@pytest.fixture
async def loop(database: Database, clock: FixedClock, engine: AsyncEngine) -> AsyncIterator[Loop]:
    engines: list[AsyncEngine] = []

    def open_(
        timers: Sequence[Timer] = (), sweeps: Sequence[Sweep] = (), ticks: Sequence[Tick] = (), *, clock: Any = clock
    ) -> TimerLoop:
        engines.append(create_engine(database.url("relay"), pool_size=2))
        return TimerLoop(context(engines[-1], clock), timers, sweeps, ticks)

    yield open_
    for each in engines:
        await each.dispose()


async def note(conn: AsyncConnection, key: str, due_at: datetime) -> None:
    """An effect: a row, and an event of it."""
    await conn.execute(text("INSERT INTO effect (key, due_at) VALUES (:key, :due_at)"), {"key": key, "due_at": due_at})
    data = TaskStarted(code=key, lead_unit="SNV", status=TaskStatus.IN_PROGRESS, assigned_at=due_at)
    await outbox.write(conn, [new_event(data, subject=key, version=1, occurred_at=due_at, recorded_at=NOW)])


async def fire(conn: AsyncConnection, due: Sequence[Due], _: Context) -> None:
    for one in due:
        await note(conn, one.key, one.due_at)


def refusing(*culprits: str) -> Timer:
    async def fire_most(conn: AsyncConnection, due: Sequence[Due], here: Context) -> None:
        await fire(conn, due, here)
        if found := {one.key for one in due} & set(culprits):
            raise ValueError(found)

    return Timer(KIND, fire_most)


async def schedule(engine: AsyncEngine, kind: str = KIND, /, **due: datetime) -> None:
    async with engine.begin() as conn:
        await timers.schedule(conn, kind, due)


async def effects(engine: AsyncEngine) -> list[tuple[str, datetime]]:
    """Key and due time of what took effect, in that order; each has told its event in the same transaction."""
    async with engine.connect() as conn:
        done = [(row.key, row.due_at) for row in await conn.execute(text("SELECT * FROM effect ORDER BY id"))]
        told = await conn.execute(text("SELECT aggregateid, occurred_at FROM outbox ORDER BY xid, seq"))
        assert Counter((row.aggregateid, row.occurred_at) for row in told) == Counter(done)
    return done


async def rows(engine: AsyncEngine) -> list[tuple[str, datetime, datetime, int]]:
    """Key, due time, next try and attempts of what is set."""
    async with engine.connect() as conn:
        found = await conn.execute(text("SELECT key, due_at, fires_at, attempts FROM timer ORDER BY key"))
        return [tuple(row) for row in found]


def metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_timer_fires_once_with_its_event_when_it_is_due(
    engine: AsyncEngine, loop: Loop, clock: FixedClock
) -> None:
    instance = loop([Timer(KIND, fire)])
    await schedule(engine, a=NOW + HOUR, b=NOW + HOUR, c=NOW + 2 * HOUR)
    assert not await instance.round()
    assert await effects(engine) == []
    clock.advance(HOUR)
    assert await instance.round()
    assert await effects(engine) == [("a", NOW + HOUR), ("b", NOW + HOUR)], "due is due: the instant itself counts"
    assert not await instance.round()
    clock.advance(HOUR)
    await instance.round()
    assert [key for key, _ in await effects(engine)] == ["a", "b", "c"]
    assert await rows(engine) == []


async def test_a_late_timer_takes_effect_as_of_its_due_time_in_order(
    engine: AsyncEngine, loop: Loop, clock: FixedClock
) -> None:
    await schedule(engine, second=NOW + 2 * HOUR, first=NOW + HOUR)
    clock.advance(timedelta(days=9))
    await loop([Timer(KIND, fire)]).round()
    assert await effects(engine) == [("first", NOW + HOUR), ("second", NOW + 2 * HOUR)]


async def test_a_rollback_leaves_the_timer_set_and_no_effect(engine: AsyncEngine, loop: Loop) -> None:
    async def loses_its_connection(conn: AsyncConnection, due: Sequence[Due], here: Context) -> None:
        await fire(conn, due, here)
        raise ConnectionResetError

    await schedule(engine, a=NOW)
    before = await rows(engine)
    failed = metric("cchc_timer_fired_total", kind=KIND, outcome="error")
    assert not await loop([Timer(KIND, loses_its_connection)]).round()
    assert metric("cchc_timer_fired_total", kind=KIND, outcome="error") == failed + 1
    assert (await effects(engine), await rows(engine)) == ([], before), "not its own fault: no pause"
    await loop([Timer(KIND, fire)]).round()
    assert await effects(engine) == [("a", NOW)]


async def test_scheduling_is_part_of_its_transaction(engine: AsyncEngine) -> None:
    async with engine.connect() as conn:
        await timers.schedule(conn, KIND, {"a": NOW})
        await conn.rollback()
    assert await rows(engine) == []


async def test_many_instances_fire_each_timer_exactly_once(
    engine: AsyncEngine, loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cchc_shared.service.timers.AT_ONCE", 7)
    names = {f"k{number:03}": NOW - timedelta(seconds=number) for number in range(200)}
    await schedule(engine, **names)

    async def all_of(instance: TimerLoop) -> int:
        rounds = 0
        while await instance.round():
            rounds += 1
        return rounds

    rounds = await asyncio.gather(*(all_of(loop([Timer(KIND, fire)])) for _ in range(5)))
    assert Counter(await effects(engine)) == Counter(names.items())
    assert all(rounds), "nobody waited for another"
    assert sum(rounds) >= -(-200 // 7), "no more than the limit at once"


async def test_what_another_instance_holds_is_passed_over(engine: AsyncEngine, loop: Loop) -> None:
    await schedule(engine, a=NOW - HOUR, b=NOW)
    async with engine.connect() as other:
        [held] = await timers.claim(other, KIND, NOW, 1)
        assert held.key == "a"
        await loop([Timer(KIND, fire)]).round()
        assert [key for key, _ in await effects(engine)] == ["b"]
        await other.rollback()
    await loop([Timer(KIND, fire)]).round()
    assert [key for key, _ in await effects(engine)] == ["b", "a"]


async def test_a_claim_keeps_to_its_limit_whatever_the_plan(engine: AsyncEngine) -> None:
    await schedule(engine, **{f"k{number}": NOW for number in range(50)})
    async with engine.connect() as conn:
        for kind_of_join in ("hashjoin", "mergejoin", "material", "hashagg", "sort"):
            await conn.execute(text(f"SET LOCAL enable_{kind_of_join} = off"))
        assert len(await timers.claim(conn, KIND, NOW, 3)) == 3


async def test_a_culprit_is_postponed_and_stops_nobody(engine: AsyncEngine, loop: Loop, clock: FixedClock) -> None:
    await schedule(engine, **{f"k{number}": NOW for number in range(9)})
    await schedule(engine, bad=NOW, worse=NOW)
    instance = loop([refusing("bad", "worse")])
    await instance.round()
    assert Counter(key for key, _ in await effects(engine)) == Counter(f"k{number}" for number in range(9))
    pauses = []
    for attempt in range(1, 16):
        found = await rows(engine)
        assert [(key, due_at, attempts) for key, due_at, _, attempts in found] == [
            ("bad", NOW, attempt),
            ("worse", NOW, attempt),
        ]
        pauses.append(found[0][2] - clock.now())
        assert not await instance.round(), "it waits for its pause"
        clock.advance(pauses[-1])
        await instance.round()
    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[1], pauses[-1]) == (timedelta(seconds=1), timedelta(seconds=2), LONGEST_PAUSE)
    clock.advance(LONGEST_PAUSE)
    await loop([Timer(KIND, fire)]).round()
    assert (await effects(engine))[-2:] == [("bad", NOW), ("worse", NOW)]


async def test_what_fires_may_set_itself_anew(engine: AsyncEngine, loop: Loop, clock: FixedClock) -> None:
    async def again(conn: AsyncConnection, due: Sequence[Due], here: Context) -> None:
        await fire(conn, due, here)
        await timers.schedule(conn, KIND, {one.key: one.due_at + HOUR for one in due})

    await schedule(engine, a=NOW)
    instance = loop([Timer(KIND, again)])
    for _ in range(3):
        await instance.round()
        clock.advance(HOUR)
    assert await effects(engine) == [("a", NOW), ("a", NOW + HOUR), ("a", NOW + 2 * HOUR)]


async def test_a_failure_undoes_what_it_set_anew_and_keeps_its_due_time(engine: AsyncEngine, loop: Loop) -> None:
    async def sets_and_fails(conn: AsyncConnection, due: Sequence[Due], _: Context) -> None:
        await timers.schedule(conn, KIND, {one.key: one.due_at + HOUR for one in due})
        raise ValueError

    await schedule(engine, a=NOW)
    await loop([Timer(KIND, sets_and_fails)]).round()
    assert [(key, due_at, attempts) for key, due_at, _, attempts in await rows(engine)] == [("a", NOW, 1)]


async def test_a_timer_is_moved_and_cancelled(engine: AsyncEngine, loop: Loop, clock: FixedClock) -> None:
    instance = loop([refusing("a")])
    await schedule(engine, a=NOW, b=NOW, c=NOW + HOUR)
    async with engine.begin() as conn:
        await timers.cancel(conn, KIND, ["b", "unknown"])
        await timers.cancel(conn, KIND, [])
        await timers.cancel(conn, "another kind", ["c"])
        await timers.schedule(conn, KIND, {})
    await instance.round()
    assert [(key, attempts) for key, _, _, attempts in await rows(engine)] == [("a", 1), ("c", 0)]
    await schedule(engine, a=NOW + 2 * HOUR)
    moved = NOW + 2 * HOUR
    assert await rows(engine) == [("a", moved, moved, 0), ("c", NOW + HOUR, NOW + HOUR, 0)]
    clock.advance(HOUR)
    await instance.round()
    assert [key for key, _ in await effects(engine)] == ["c"]


async def test_what_was_set_anew_during_the_failure_stays_as_it_was_set(engine: AsyncEngine) -> None:
    later = NOW + HOUR
    await schedule(engine, a=later)
    async with engine.begin() as conn:
        await timers.postpone(conn, KIND, Due("a", NOW), NOW + timedelta(seconds=1))
    assert await rows(engine) == [("a", later, later, 0)]


async def test_kinds_do_not_disturb_each_other(engine: AsyncEngine, loop: Loop) -> None:
    async def broken(_: AsyncConnection, _slot: datetime, _here: Context) -> Swept:
        raise RuntimeError

    await schedule(engine, a=NOW)
    await schedule(engine, "other", a=NOW)
    assert await loop([Timer(KIND, fire)], [Sweep("broken", broken)]).round()
    assert [key for key, _ in await effects(engine)] == ["a"]
    assert len(await rows(engine)) == 1
    with pytest.raises(ValueError, match="a kind stands for one thing"):
        loop([Timer(KIND, fire)], [Sweep(KIND, broken)])


async def test_what_waits_and_how_late_it_came_is_measured(engine: AsyncEngine, loop: Loop, clock: FixedClock) -> None:
    before = metric("cchc_timer_late_seconds_sum", kind=KIND), metric("cchc_timer_late_seconds_count", kind=KIND)
    fired = metric("cchc_timer_fired_total", kind=KIND, outcome="fired")
    await schedule(engine, a=NOW, bad=NOW, future=NOW + timedelta(days=1))
    clock.advance(timedelta(seconds=90))
    instance = loop([refusing("bad")])
    await instance.round()
    assert metric("cchc_timer_waiting", kind=KIND) == 2
    assert metric("cchc_timer_late_seconds_sum", kind=KIND) == before[0] + 90
    assert metric("cchc_timer_late_seconds_count", kind=KIND) == before[1] + 1
    assert metric("cchc_timer_fired_total", kind=KIND, outcome="fired") == fired + 1
    await instance.round()
    assert metric("cchc_timer_waiting", kind=KIND) == 1, "one that fails is due and has not fired"


def ticking(done: list[datetime], every: timedelta = HOUR, **options: Any) -> Tick:
    async def run(conn: AsyncConnection, slot: datetime, _: Context) -> None:
        await note(conn, "tick", slot)
        done.append(slot)

    return Tick("publish", every, run, **options)


async def test_a_tick_is_run_once_in_each_slot_over_all_instances(
    engine: AsyncEngine, loop: Loop, clock: FixedClock
) -> None:
    done: list[datetime] = []
    instances = [loop(ticks=[ticking(done)]) for _ in range(4)]
    await asyncio.gather(*(instance.round() for instance in instances))
    assert done == [], "a tick that is new begins with the next slot"
    for _ in range(3):
        clock.advance(HOUR)
        found = [await asyncio.gather(*(instance.round() for instance in instances)) for _ in range(2)]
        assert sum(map(sum, found)) == 1
    assert await effects(engine) == [("tick", NOW + hours * HOUR) for hours in (1, 2, 3)]


@pytest.mark.parametrize(
    ("missed", "slots"), [("each", [NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR]), ("last", [NOW + 3 * HOUR])]
)
async def test_slots_that_were_missed_are_run_each_or_only_the_last(
    engine: AsyncEngine, loop: Loop, clock: FixedClock, missed: str, slots: list[datetime]
) -> None:
    done: list[datetime] = []
    await loop(ticks=[ticking(done)]).round()
    clock.advance(3 * HOUR + timedelta(minutes=59))
    instance = loop(ticks=[ticking(done, missed=missed)])
    while await instance.round():
        pass
    assert [due for _, due in await effects(engine)] == done == slots


async def test_a_tick_that_fails_is_tried_again_with_its_slot(
    engine: AsyncEngine, loop: Loop, clock: FixedClock
) -> None:
    async def fails(conn: AsyncConnection, slot: datetime, _: Context) -> None:
        await note(conn, "tick", slot)
        raise ValueError

    done: list[datetime] = []
    await loop(ticks=[ticking(done)]).round()
    clock.advance(HOUR)
    assert not await loop(ticks=[Tick("publish", HOUR, fails)]).round()
    assert await effects(engine) == []
    await loop(ticks=[ticking(done)]).round()
    assert await effects(engine) == [("tick", NOW + HOUR)]


async def test_a_tick_that_is_not_due_locks_nothing(engine: AsyncEngine, loop: Loop) -> None:
    await loop(ticks=[ticking([])]).round()
    async with engine.connect() as conn:
        assert await timers.last_slot(conn, "publish", NOW) is None
        assert await conn.scalar(text("SELECT pg_current_xact_id_if_assigned()::text")) is None


async def test_a_sweep_is_called_until_it_moves_nothing(loop: Loop, clock: FixedClock) -> None:
    left = [3, 2]

    async def sweep(_: AsyncConnection, now: datetime, _here: Context) -> Swept:
        assert now == clock.now()
        return Swept(left.pop(), now - HOUR) if left else Swept(0)

    before = (
        metric("cchc_timer_late_seconds_sum", kind="sweep"),
        metric("cchc_timer_fired_total", kind="sweep", outcome="fired"),
    )
    instance = loop(sweeps=[Sweep("sweep", sweep)])
    assert [await instance.round() for _ in range(3)] == [True, True, False]
    assert metric("cchc_timer_late_seconds_sum", kind="sweep") == before[0] + 2 * HOUR.total_seconds()
    assert metric("cchc_timer_fired_total", kind="sweep", outcome="fired") == before[1] + 5


async def test_the_loop_ends_after_the_transaction_at_work(engine: AsyncEngine, loop: Loop) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(conn: AsyncConnection, due: Sequence[Due], here: Context) -> None:
        await fire(conn, due, here)
        begun.set()
        await go_on.wait()

    async def never(*_: object) -> Swept:
        raise AssertionError("it was told to stop")

    await schedule(engine, a=NOW)
    instance = loop([Timer(KIND, slow)], [Sweep("next", never)])
    failed = metric("cchc_timer_fired_total", kind="next", outcome="error")
    running = asyncio.create_task(instance.run())
    await begun.wait()
    assert instance.health() == READY
    instance.stop()
    go_on.set()
    await running
    assert [key for key, _ in await effects(engine)] == ["a"]
    assert metric("cchc_timer_fired_total", kind="next", outcome="error") == failed


async def test_an_idle_loop_obeys_at_once(loop: Loop) -> None:
    instance = loop()
    running = asyncio.create_task(instance.run())
    await asyncio.sleep(0)
    instance.stop()
    await running
