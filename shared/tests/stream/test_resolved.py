"""Resolved parked events leave in bounded batches; those that wait, and what operators did, stay."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.storage.database import create_engine
from cchc_shared.stream import resolved
from tests.support.databases import Database

PARK = """INSERT INTO parked_event
              (aggregate, topic, partition, major, minor, type, headers, payload, reason, resolution, parked_at)
          SELECT 'a:' || n, 'tasks', 0, n, 0, 't', '{}', '', 'failed', CAST(:resolution AS text),
                 now() - :days * interval '1 day'
          FROM generate_series(CAST(:first AS int), :last) n"""


@pytest.fixture
async def engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("scoring"))
    yield engine
    await engine.dispose()


async def test_resolved_events_leave_in_batches(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolved, "AT_ONCE", 3)
    old, new = resolved.KEPT_DAYS + 1, resolved.KEPT_DAYS - 1
    async with engine.begin() as conn:
        for resolution, days, first, last in (
            ("released", old, 1, 4),
            ("discarded", old, 5, 5),
            (None, old, 6, 6),
            ("released", new, 7, 7),
        ):
            given = {"resolution": resolution, "days": days, "first": first, "last": last}
            await conn.execute(text(PARK), given)
        audit = (
            "INSERT INTO parked_event_audit (aggregate, action, done_by, reason) VALUES ('a:5', 'discard', 'x', 'y')"
        )
        await conn.execute(text(audit))
    removed = []
    for _ in range(3):
        async with engine.begin() as conn:
            removed.append(await resolved.purge(conn))
    assert removed == [3, 2, 0]
    async with engine.connect() as conn:
        left = (await conn.execute(text("SELECT aggregate FROM parked_event ORDER BY id"))).scalars().all()
        assert left == ["a:6", "a:7"]
        assert await conn.scalar(text("SELECT count(*) FROM parked_event_audit")) == 1
