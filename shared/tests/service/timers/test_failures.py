"""A timer whose effect fails leaves nothing behind, waits for its pause, and stops nobody else."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.timers import LONGEST_PAUSE, Sweep, Swept, Timer
from cchc_shared.storage import timers
from cchc_shared.storage.timers import Due

from .conftest import HOUR, KIND, NOW, Loop, effects, fire, metric, refusing, rows, schedule


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


async def test_a_failure_undoes_what_it_set_anew_and_keeps_its_due_time(engine: AsyncEngine, loop: Loop) -> None:
    async def sets_and_fails(conn: AsyncConnection, due: Sequence[Due], _: Context) -> None:
        await timers.schedule(conn, KIND, {one.key: one.due_at + HOUR for one in due})
        raise ValueError

    await schedule(engine, a=NOW)
    await loop([Timer(KIND, sets_and_fails)]).round()
    assert [(key, due_at, attempts) for key, due_at, _, attempts in await rows(engine)] == [("a", NOW, 1)]


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
