"""The copy of the directory can be made again from the log."""

from datetime import date

from sqlalchemy import text

from cchc_shared.service.rebuild.command import run
from cchc_shared.service.rebuild.replay import replay
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import outbox
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.postgres import PostgresSource, current_positions
from feedback_api.bootstrap import TOPICS
from feedback_api.rebuild.__main__ import NAME
from feedback_api.rebuild.plan import PLAN
from feedback_api.settings import FeedbackSettings
from tests.support.databases import Database
from tests.support.waiting import until

from ..conftest import Service
from ..directory.test_directory import unit_event


async def test_what_a_wrong_hand_changed_is_named_and_mended(
    service: Service, settings: FeedbackSettings, database: Database
) -> None:
    engine = service.here.engine
    producer = create_engine(database.url("tasks"))
    async with producer.begin() as conn:
        await outbox.write(conn, [unit_event(1, "so-moi"), unit_event(2, "so-moi", date(2026, 12, 31))])
    hidden = text("SELECT (SELECT count(*) FROM outbox) - (SELECT count(*) FROM outbox_feed)")

    async def visible() -> int:
        """The feed ends at the oldest transaction of the whole server."""
        async with producer.connect() as conn:
            return int((await conn.execute(hidden)).scalar_one())

    await until(visible, lambda behind: behind == 0)
    await producer.dispose()
    async with engine.begin() as conn:  # what the fixture put there came with no event
        await conn.execute(text("DELETE FROM units"))
    source = PostgresSource(engine, TOPICS, "worker")
    await source.start()
    await replay(source, engine, Inbox(PLAN.handler), await current_positions(engine, TOPICS))
    await source.stop()
    assert await run(NAME, settings, PLAN, TOPICS) == []
    async with engine.begin() as conn:
        await conn.execute(text("UPDATE units SET valid_to = NULL WHERE code = 'so-moi'"))
    found = await run(NAME, settings, PLAN, TOPICS, swapping=True)
    assert [(one.table, one.side) for one in found] == [("units", "live"), ("units", "rebuilt")]
    assert await run(NAME, settings, PLAN, TOPICS) == []
    assert not (await service.directory.refresh()).exists("so-moi", date(2027, 1, 1))
