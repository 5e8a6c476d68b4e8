"""The rows of an older installation survive the way up and the way down."""

import asyncio
from typing import Any

import asyncpg
import pytest
from alembic import command

from cchc_embedded.migrate import alembic_config
from tests.support.databases import Database

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")

DUTIES = """
    INSERT INTO duty (aggregate, measure, opened_version, code, unit, month, opened_at, recorded_at, due_at, counted)
    VALUES ('task:1', 'task.completion', 1, 'NV-1', 'A', '2026-06-01', '2026-06-01Z', '2026-06-02Z',
            '2026-06-30 16:59:59.999999Z', 'pending'),
           ('feedback:1', 'feedback.acceptance', 1, 'PA-1', 'A', '2026-06-01', '2026-06-01Z', '2026-06-02Z',
            '2026-06-03 10:00Z', 'pending'),
           ('task:1', 'task.handover', 2, 'NV-1', 'A', '2026-06-01', '2026-06-05Z', '2026-06-06Z', NULL, 'happened')"""
COUNTS = "INSERT INTO indicator_count (unit, period, counts) VALUES ('A', '2026-06', '{}')"


def rows(url: str, *statements: str) -> list[tuple[Any, ...]]:
    """The rows of the last statement."""

    async def run() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements:
                found = await connection.fetch(statement)
            return [tuple(row) for row in found]
        finally:
            await connection.close()

    return asyncio.run(run())


def test_occurrences_move_out_of_the_duties_and_back(database: Database) -> None:
    url = database.url("scoring")
    config = alembic_config("scoring", url)
    command.downgrade(config, "0002")
    old = rows(url, DUTIES, COUNTS, "SELECT * FROM duty ORDER BY aggregate, measure")

    command.upgrade(config, "head")
    dues = rows(url, "SELECT aggregate, to_char(due_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI:SS.US') FROM duty ORDER BY 1")
    assert dues == [("feedback:1", "06-03 10:00:00.000000"), ("task:1", "06-30 17:00:00.000000")]
    occurrences = rows(url, "SELECT aggregate, measure, version, occurred_at::date::text FROM occurrence")
    assert occurrences == [("task:1", "task.handover", 2, "2026-06-05")]
    assert len(rows(url, "SELECT * FROM unit_count")) == 1

    command.downgrade(config, "0002")
    assert rows(url, "SELECT * FROM duty ORDER BY aggregate, measure") == old
