"""The worker as it runs: index sets at its start, events as they come, deadlines as they pass."""

import asyncio
from datetime import datetime, timedelta

from sqlalchemy import text

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events import Event
from cchc_shared.service.health import READY
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import outbox
from scoring_worker.bootstrap import TOPICS, build_worker
from scoring_worker.settings import ScoringSettings
from tests.support.databases import Database
from tests.support.events import task_event
from tests.support.waiting import until

DAY = timedelta(days=1)


def test_the_worker_reads_the_topics_of_what_it_follows() -> None:
    assert TOPICS == ("tasks", "feedback", "dossiers")


async def test_events_and_deadlines_reach_the_counts(
    settings: ScoringSettings, database: Database, clock: FixedClock
) -> None:
    producer, reader = create_engine(database.url("tasks")), create_engine(settings.database_url)
    now = clock.now()
    async with producer.begin() as conn:
        await outbox.write(conn, [_assigned(now)])

    async def counted(expected: dict[str, int]) -> None:
        statement = text("SELECT counts -> 'task.completion' FROM unit_count WHERE unit = 'A' AND period = '2026'")
        found: object = None
        while found != expected:
            await asyncio.sleep(0.05)
            async with reader.connect() as conn:
                found = await conn.scalar(statement)

    worker = build_worker(settings, clock)
    async with asyncio.timeout(120), worker.router.lifespan_context(worker):
        await counted({"pending": 1})
        clock.advance(DAY)
        await counted({"overdue": 1})
        # The event is old by its own words: the worker was behind, until it looked again.
        ready = dict.fromkeys(("database", "timers", "consumer", "stream"), READY)
        await until(lambda: worker.state.checks(), lambda found: found == ready)
    await producer.dispose()
    await reader.dispose()


def _assigned(now: datetime) -> Event:
    return task_event("NV-1", at=now - DAY, lead_unit="A", due_at=now + DAY)
