"""A worker ends, archives and trims the months of its outbox by itself; where it may not, it says so."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.retention import retention
from cchc_shared.service.timers import TimerLoop
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import outbox, positions, trimming
from cchc_shared.stream.archive import ArchiveDamaged
from cchc_shared.stream.postgres import current_positions
from tests.support import contexts
from tests.support.databases import Database
from tests.support.events import task_event
from tests.support.waiting import until

MAY = datetime(2024, 5, 6, tzinfo=UTC)


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("tasks"))
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MAY)


def here(engine: AsyncEngine, clock: FixedClock, archive: Path | None) -> Context:
    settings = contexts.settings().model_copy(update={"archive_dir": archive})
    return Context(engine, clock, settings, {}, AsyncExitStack())


def worker(context: Context) -> TimerLoop:
    feature = retention("tasks")
    return TimerLoop(context, (), feature.sweeps, feature.ticks)


async def read_all(database: Database) -> None:
    """The consumer of scores has read what there is."""
    engine = create_engine(database.url("scoring"))
    ends = await current_positions(engine, ["tasks"])
    await positions.load(engine, ["tasks"])
    async with engine.begin() as conn:
        for (topic, partition), (major, minor) in ends.items():
            values = {"major": major, "minor": minor, "topic": topic, "partition": partition}
            statement = "UPDATE stream_position SET major = :major, minor = :minor WHERE topic = :topic"
            await conn.execute(text(f"{statement} AND partition = :partition"), values)
    await engine.dispose()


async def test_a_month_passes_through_the_worker(
    engine: AsyncEngine, clock: FixedClock, database: Database, tmp_path: Path
) -> None:
    loop = worker(here(engine, clock, tmp_path))
    await loop.round()
    clock.advance(timedelta(minutes=5))
    await loop.round()
    async with engine.begin() as conn:
        await outbox.write(conn, [task_event("NV-1")])

    async def stands() -> tuple[object, ...]:
        await loop.round()
        await read_all(database)
        clock.advance(timedelta(hours=1))
        async with engine.connect() as conn:
            query = "SELECT month::text, archived_at IS NOT NULL, trimmed_at IS NOT NULL FROM outbox_month ORDER BY 1"
            return tuple((await conn.execute(text(query))).first() or ())

    clock.advance(datetime(2024, 5, 31, 17, 0, tzinfo=UTC) - clock.now())  # June begins in Hanoi
    assert await until(stands, lambda row: row and row[1]) == ("2024-05-01", True, False)
    clock.advance(timedelta(days=90))
    await until(stands, lambda row: row[2])
    assert (tmp_path / "tasks/2024-05.jsonl.gz").is_file()
    async with engine.connect() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM outbox")) == 0


async def test_a_damaged_month_stays_an_error_and_is_looked_at_again_later(
    engine: AsyncEngine, clock: FixedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = []

    async def trim(*_: object, **__: object) -> None:
        looks.append(clock.now())
        if len(looks) == 1:
            raise ArchiveDamaged("tasks/2024-05.jsonl.gz")

    monkeypatch.setattr(trimming, "trim", trim)
    loop = worker(here(engine, clock, tmp_path))
    for _ in range(3):
        with capture_logs() as logs:
            await loop.round()
        assert [line["kind"] for line in logs if line["event"] == "timer not run"] == ["outbox.trim"]
    assert len(looks) == 1
    clock.advance(timedelta(minutes=5))
    with capture_logs() as logs:
        await loop.round()
    assert [line for line in logs if line["event"] == "timer not run"] == []
    assert len(looks) == 2


async def test_without_an_archive_nothing_leaves_and_everybody_is_told(engine: AsyncEngine, clock: FixedClock) -> None:
    context = here(engine, clock, None)
    prepare = retention("tasks").prepare
    assert prepare is not None
    with capture_logs() as logs:
        await prepare(context)
    assert ["ARCHIVE_DIR is not set" in line["event"] for line in logs] == [True]
    loop = worker(context)
    await loop.round()
    for _ in range(3):
        clock.advance(timedelta(days=40))
        await loop.round()
    async with engine.connect() as conn:
        rows = (await conn.execute(text("SELECT to_xid, archived_at FROM outbox_month ORDER BY month"))).all()
    assert [(row.to_xid is None, row.archived_at) for row in rows] == [(False, None), (False, None), (True, None)]
    assert REGISTRY.get_sample_value("cchc_outbox_unarchived_months", {"topic": "tasks"}) == 2
    assert (REGISTRY.get_sample_value("cchc_outbox_bytes", {"topic": "tasks"}) or 0) > 0


async def test_a_table_in_use_is_left_for_the_next_slot(engine: AsyncEngine, clock: FixedClock) -> None:
    loop = worker(here(engine, clock, None))
    await loop.round()
    clock.advance(timedelta(minutes=5))
    await loop.round()
    clock.advance(timedelta(days=40))
    async with engine.begin() as writing:
        await outbox.write(writing, [task_event("NV-1")])
        with capture_logs() as logs:
            await loop.round()
            await loop.round()
    assert [line["event"] for line in logs] == ["month not ended, the table is in use"]
    clock.advance(timedelta(minutes=5))
    with capture_logs() as logs:
        await asyncio.wait_for(loop.round(), 60)
    assert [line["event"] for line in logs] == ["month ended"]
