"""A tick is run once in each of its slots."""

import asyncio
from datetime import datetime, timedelta
from typing import Literal

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Tick
from cchc_shared.storage import timers

from .conftest import HOUR, NOW, Loop, effects, note


def ticking(done: list[datetime], missed: Literal["each", "last"] = "last") -> Tick:
    async def run(conn: AsyncConnection, slot: datetime, _: Context) -> None:
        await note(conn, "tick", slot)
        done.append(slot)

    return Tick("publish", HOUR, run, missed)


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
    engine: AsyncEngine, loop: Loop, clock: FixedClock, missed: Literal["each", "last"], slots: list[datetime]
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


async def test_the_database_is_asked_once_about_a_slot_that_was_run(
    loop: Loop, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[datetime] = []
    last_slot = timers.last_slot

    async def counted(conn: AsyncConnection, kind: str, current: datetime) -> datetime | None:
        asked.append(current)
        return await last_slot(conn, kind, current)

    monkeypatch.setattr(timers, "last_slot", counted)
    instance = loop(ticks=[ticking([])])
    for _ in range(3):
        await instance.round()
    clock.advance(HOUR)
    for _ in range(3):
        await instance.round()
    assert asked == [NOW, NOW + HOUR, NOW + HOUR], "once more after it ran: its transaction may not have been kept"


async def test_a_slot_that_another_instance_runs_is_asked_for_until_it_is_done(
    engine: AsyncEngine, loop: Loop, clock: FixedClock
) -> None:
    done: list[datetime] = []
    instance = loop(ticks=[ticking(done)])
    await instance.round()
    clock.advance(HOUR)
    async with engine.connect() as other:
        assert await timers.last_slot(other, "publish", NOW + HOUR) == NOW, "it holds the slot, and will fail"
        assert not await instance.round()
    assert await instance.round()
    assert done == [NOW + HOUR]


async def test_a_tick_that_is_not_due_locks_nothing(engine: AsyncEngine, loop: Loop) -> None:
    await loop(ticks=[ticking([])]).round()
    async with engine.connect() as conn:
        assert await timers.last_slot(conn, "publish", NOW) is None
        assert await conn.scalar(text("SELECT pg_current_xact_id_if_assigned()::text")) is None
