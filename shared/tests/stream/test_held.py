"""An open transaction that hides newer events from readers makes their worker say that it is not ready."""

import pytest
from sqlalchemy import text

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.service import watching
from cchc_shared.service.health import READY
from cchc_shared.service.watching import health_of_stream
from cchc_shared.storage.database import create_engine
from cchc_shared.stream.postgres import OutboxLog
from cchc_shared.stream.watch import LagWatch
from tests.support.databases import Database
from tests.support.waiting import until


async def test_a_feed_that_is_held_up_is_not_ready(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "HELD_SECONDS", 0.3)
    engine = create_engine(database.url("scoring"))
    watch = LagWatch(engine, "held", OutboxLog(engine, ["tasks"]), SystemClock())

    async def why() -> str | None:
        await watch.look()
        return health_of_stream(watch).why

    async with engine.connect() as conn:
        await conn.execute(text("SELECT pg_current_xact_id()"))
        assert "hides newer events" in (await until(why, lambda said: said and "hides newer events" in said) or "")
        assert not health_of_stream(watch).ready
        await conn.rollback()
    await until(why, lambda said: said is None)
    assert health_of_stream(watch) == READY
    await engine.dispose()
