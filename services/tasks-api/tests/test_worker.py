"""The worker, which does what is due at a time."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.files.settings import TakingSettings
from cchc_shared.service.health import READY
from cchc_shared.storage.database import create_engine
from cchc_shared.storage.idempotency import KEPT_DAYS
from tasks_api.bootstrap import build_worker

INSERT = text("INSERT INTO idempotency (caller, key, digest, created_at) VALUES ('someone', :key, '', :at)")


async def test_old_idempotency_keys_are_purged(settings: TakingSettings, clock: FixedClock) -> None:
    engine = create_engine(settings.database_url)
    async with engine.begin() as conn:
        for key, days in (("old", KEPT_DAYS + 1), ("new", KEPT_DAYS - 1)):
            await conn.execute(INSERT, {"key": key, "at": datetime.now(UTC) - timedelta(days=days)})
    app = build_worker(settings, clock)
    async with app.router.lifespan_context(app):
        keys = {"old", "new"}
        while "old" in keys:
            clock.advance(timedelta(hours=1))
            await asyncio.sleep(0.05)
            async with engine.connect() as conn:
                keys = set((await conn.execute(text("SELECT key FROM idempotency"))).scalars())
        assert await app.state.checks() == {"database": READY, "timers": READY}
    await engine.dispose()
    assert keys == {"new"}
