"""Timed work that makes no progress is not healthy: a loop that stands still, or a kind that always fails."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service import timers
from cchc_shared.service.context import Context
from cchc_shared.service.health import READY
from cchc_shared.service.timers import Sweep, Swept, TimerLoop
from cchc_shared.storage.database import create_engine
from tests.support.contexts import context
from tests.support.databases import Database

NOW = datetime(2026, 11, 18, 1, 0, tzinfo=UTC)


async def test_a_kind_that_always_fails_is_told_until_it_works_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = False

    async def sweep(_: AsyncConnection, __: datetime, ___: Context) -> Swept:
        if not works:
            raise PermissionError("nguyen van a")
        return Swept(0)

    engine = create_engine(database.url("relay"))
    loop = TimerLoop(context(engine, FixedClock(NOW)), (), (Sweep("late", sweep),), ())
    await loop.round()
    assert loop.health() == READY, "once is no trouble"
    monkeypatch.setattr(timers, "FAILING_SECONDS", -1.0)
    await loop.round()
    told = loop.health()
    assert not told.ready
    assert told.why == "việc theo giờ bị lỗi · timed work fails: late"
    works = True
    await loop.round()
    assert loop.health() == READY
    await engine.dispose()


async def test_a_loop_that_stands_still_is_told(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = create_engine(database.url("relay"))
    loop = TimerLoop(context(engine, FixedClock(NOW)), (), (), ())
    assert loop.health() == READY
    monkeypatch.setattr(timers, "STILL_SECONDS", -1.0)
    assert "stands still" in (loop.health().why or "")
    await engine.dispose()
