"""What is read from the archive and the outbox gives the live scores again, to the last digit."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.service.rebuild.command import run
from cchc_shared.stream import months, trimming
from cchc_shared.stream.archived import ArchiveMissing
from scoring_worker.bootstrap import TOPICS
from scoring_worker.rebuild.__main__ import NAME, plan_of
from scoring_worker.settings import ScoringSettings
from tests.support.scoring import ScoringService
from tests.support.waiting import until

from .test_rebuild import consume, history, producer, write

__all__ = ["producer"]

NOW = datetime(2026, 6, 1, tzinfo=UTC)
KEPT = timedelta(days=1)


async def end_month(producer: AsyncEngine, month: date) -> None:
    """The months before this one end."""
    async with producer.begin() as conn:
        await months.turn(conn, month, NOW)


async def archived(producer: AsyncEngine, folder: Path) -> int:
    """Takes a step, and tells how many months are archived: a month waits for every older transaction of the server."""
    await trimming.archive_some(producer, folder, "tasks", NOW)
    async with producer.begin() as conn:
        return sum(row.archived_at is not None for row in await months.months(conn))


async def trim(producer: AsyncEngine, folder: Path) -> date | None:
    return await trimming.trim(producer, folder, "tasks", NOW + KEPT, kept=KEPT, relayed=False)


async def test_a_rebuild_reads_the_archive_first(
    service: ScoringService, producer: AsyncEngine, settings: ScoringSettings, tmp_path: Path
) -> None:
    events = history()
    await end_month(producer, date(2026, 4, 1))
    for number, some in enumerate((events[:12], events[12:20], events[20:]), 5):
        await write(producer, some)
        await consume(service)
        await end_month(producer, date(2026, number, 1))
    await until(lambda: archived(producer, tmp_path), lambda count: count == 3)
    assert await trim(producer, tmp_path) == date(2026, 4, 1)
    assert await trim(producer, tmp_path) == date(2026, 5, 1)
    assert (await service.rows("SELECT count(*) FROM duty"))[0][0] > 20

    with_archive = settings.model_copy(update={"archive_dir": tmp_path})
    assert await run(NAME, with_archive, plan_of(settings), TOPICS) == []
    assert await run(NAME, with_archive, plan_of(settings), TOPICS, swapping=True) == []
    assert await run(NAME, with_archive, plan_of(settings), TOPICS, from_outbox=True) == []
    with pytest.raises(ArchiveMissing):
        await run(NAME, settings, plan_of(settings), TOPICS)
