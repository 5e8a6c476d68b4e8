"""A rebuild is alone with its tables, and one that cannot end says so."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.rebuild import Difference, RebuildRunning, TookTooLong, rebuild, search_rebuilt
from cchc_shared.service.rebuild.command import REFUSALS
from cchc_shared.storage.database import Bounds, create_engine
from cchc_shared.stream.postgres import PostgresSource
from scoring_worker.bootstrap import TOPICS
from scoring_worker.rebuild.plan import SCHEMA, plan
from tests.support.databases import Database
from tests.support.scoring import ScoringService

from .test_rebuild import consume, history, write

Hold = Callable[[AsyncConnection], Awaitable[None]]


@pytest.fixture
async def beside(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("scoring"))
    search_rebuilt(engine, SCHEMA)
    yield engine
    await engine.dispose()


@pytest.fixture(autouse=True)
async def _something_to_rebuild(service: ScoringService, database: Database) -> None:
    tasks = create_engine(database.url("tasks"))
    await write(tasks, history())
    await tasks.dispose()
    await consume(service)


async def rebuilt(
    service: ScoringService, live: AsyncEngine, beside: AsyncEngine, clock: FixedClock, hold: Hold, name: str
) -> list[Difference]:
    made = replace(plan(service.projection), hold=hold)
    source = lambda: PostgresSource(beside, TOPICS, name)  # noqa: E731
    return await rebuild(made, live, beside, source, clock=clock, swapping=False)


async def test_of_two_rebuilds_at_once_the_second_is_refused(
    service: ScoringService, beside: AsyncEngine, clock: FixedClock
) -> None:
    at_work, go_on = asyncio.Event(), asyncio.Event()

    async def waits(_: AsyncConnection) -> None:
        at_work.set()
        await go_on.wait()

    async def passes(_: AsyncConnection) -> None: ...

    first = asyncio.create_task(rebuilt(service, service.engine, beside, clock, waits, "first"))
    await asyncio.wait([first, asyncio.ensure_future(at_work.wait())], return_when=asyncio.FIRST_COMPLETED)
    assert not first.done()
    with pytest.raises(RebuildRunning):
        await rebuilt(service, service.engine, beside, clock, passes, "second")
    go_on.set()
    assert await first == []
    assert await rebuilt(service, service.engine, beside, clock, passes, "third") == []


@pytest.mark.parametrize(
    "bounds",
    [Bounds(command=60, statement=1, lock=1, idle=60), Bounds(command=1, statement=60, lock=60, idle=60)],
    ids=["server", "client"],
)
async def test_a_rebuild_that_cannot_end_says_so(
    service: ScoringService, beside: AsyncEngine, clock: FixedClock, database: Database, bounds: Bounds
) -> None:
    async def lasts(conn: AsyncConnection) -> None:
        await conn.execute(text("SELECT pg_sleep(30)"))

    live = create_engine(database.url("scoring"), bounds=bounds)
    with pytest.raises(TookTooLong, match="longer than it may"):
        await rebuilt(service, live, beside, clock, lasts, "never")
    await live.dispose()
    assert TookTooLong in REFUSALS
