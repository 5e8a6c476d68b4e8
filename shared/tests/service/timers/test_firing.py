"""A timer that is due takes effect once, as of its due time, however many instances run."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Timer, TimerLoop
from cchc_shared.storage import timers
from cchc_shared.storage.timers import Due

from .conftest import HOUR, KIND, NOW, Loop, effects, fire, metric, refusing, rows, schedule


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
