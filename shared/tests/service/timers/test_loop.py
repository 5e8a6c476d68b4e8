"""The loop of a worker: sweeps until nothing moves, and an end when it is asked for."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.health import READY
from cchc_shared.service.timers import Sweep, Swept, Timer
from cchc_shared.storage.timers import Due

from .conftest import HOUR, KIND, NOW, Loop, effects, fire, metric, schedule


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
