"""Timers, sweeps and ticks over a real database, fired by as many instances as a test opens.

What is due takes effect once, as of its due time, in one transaction with its event.
"""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import TaskStatus
from cchc_shared.contract.events import new_event
from cchc_shared.contract.events.task import TaskStarted
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Tick, Timer, TimerLoop
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


class Loop(Protocol):
    """Opens another instance, with connections of its own."""

    def __call__(
        self, timers: Sequence[Timer] = (), sweeps: Sequence[Sweep] = (), ticks: Sequence[Tick] = ()
    ) -> TimerLoop: ...


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

    def open_(timers: Sequence[Timer] = (), sweeps: Sequence[Sweep] = (), ticks: Sequence[Tick] = ()) -> TimerLoop:
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
