"""A worker, put together from features, over a real database."""

import asyncio
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.assembly import build_worker
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Sweep, Swept
from cchc_shared.storage.database import create_engine
from tests.support.contexts import settings
from tests.support.databases import Database


async def test_a_worker_stops_within_a_bound_and_undoes_what_it_could_not_finish(database: Database) -> None:
    begun = asyncio.Event()

    async def hang(conn: AsyncConnection, now: datetime, _: Context) -> Swept:
        await conn.execute(text("INSERT INTO stream_member (member, expires_at) VALUES ('x', :now)"), {"now": now})
        begun.set()
        await asyncio.Event().wait()
        return Swept(1)

    url = database.url("relay")
    given = settings(database_url=url).model_copy(update={"drain_seconds": 0.1})
    app = build_worker("test", given, (Feature("hanging", sweeps=(Sweep("hang", hang),)),))
    async with asyncio.timeout(30), app.router.lifespan_context(app):
        await begun.wait()
    engine = create_engine(url)
    async with engine.connect() as conn:
        assert await conn.scalar(text("SELECT count(*) FROM stream_member")) == 0
    await engine.dispose()
