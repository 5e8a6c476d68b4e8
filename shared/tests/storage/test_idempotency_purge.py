"""Old keys leave in bounded batches, the oldest first."""

import pytest
from sqlalchemy import text

from cchc_shared.storage import idempotency
from cchc_shared.storage.database import create_engine
from tests.support.databases import Database

KEYS = """INSERT INTO idempotency (caller, key, digest, created_at)
          SELECT 'x', n::text, '', now() - n * interval '1 day' FROM generate_series(1, 13) n"""


async def test_old_keys_leave_in_batches(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "AT_ONCE", 3)
    engine = create_engine(database.url("tasks"))
    async with engine.begin() as conn:
        await conn.execute(text(KEYS))
    removed = []
    for _ in range(3):
        async with engine.begin() as conn:
            removed.append(await idempotency.purge(conn))
    assert removed == [3, 3, 0]
    async with engine.connect() as conn:
        left = (await conn.execute(text("SELECT key::int FROM idempotency ORDER BY 1"))).scalars().all()
    await engine.dispose()
    assert left == [1, 2, 3, 4, 5, 6, 7]
