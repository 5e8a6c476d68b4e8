"""What the relay has parked shows while the relay is dead, and leaves when it was resolved long ago."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import SystemClock
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.service.watching import watching_relay
from cchc_shared.storage.database import create_engine
from relay.worker import application
from tests.support.databases import Database
from tests.support.waiting import until

_PARK = """
    INSERT INTO parked_event (aggregate, version, topic, partition, major, minor, type, headers, payload, reason,
                              resolution, parked_at)
    SELECT 'task:' || n, 1, 'tasks', 0, n, 0, 't', '{}', '', 'failed', CAST(:resolution AS text),
           now() - :days * interval '1 day'
    FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n"""


@pytest.fixture
async def relay(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database.url("relay"))
    async with engine.begin() as conn:
        for first, last, resolution, days in ((1, 3, None, 400), (4, 5, "released", 400), (6, 6, "discarded", 3)):
            row = {"first": first, "last": last, "resolution": resolution, "days": days}
            await conn.execute(text(_PARK), row)
    yield engine
    await engine.dispose()


def shown() -> float | None:
    return REGISTRY.get_sample_value("cchc_stream_parked_events", {"consumer": "relay", "reason": "failed"})


async def test_a_producer_shows_what_a_dead_relay_has_parked(
    relay: AsyncEngine, database: Database, tmp_path: Path
) -> None:
    feature: Feature = watching_relay("tasks")
    settings = ServiceSettings(
        database_url=database.url("tasks"),
        kafka_bootstrap_servers="127.0.0.1:1",
        jwks_url="file:///none",
        CCHC_PROFILE=tmp_path,
    )
    engine = create_engine(database.url("tasks"))
    here = Context(engine, SystemClock(), settings, feature.provides, AsyncExitStack())
    await feature.refreshers[0].run(here)
    assert shown() == 3
    await engine.dispose()


async def test_the_relay_removes_what_was_resolved_long_ago(
    relay: AsyncEngine, database: Database, kafka: str, tmp_path: Path
) -> None:
    settings = ServiceSettings(
        database_url=database.url("relay"),
        kafka_bootstrap_servers=kafka,
        jwks_url="file:///none",
        CCHC_PROFILE=tmp_path,
    )

    async def left() -> list[int]:
        async with relay.connect() as conn:
            return list((await conn.execute(text("SELECT major FROM parked_event ORDER BY major"))).scalars())

    app = application(settings, prefix="tidy.")
    async with app.router.lifespan_context(app):
        await until(left, lambda rows: rows == [1, 2, 3, 6])
