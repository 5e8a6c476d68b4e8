"""Rows of history from before the common columns keep their words."""

import asyncio
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest
from alembic import command

from cchc_embedded.migrate import alembic_config
from tests.support.databases import Database

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
AT = datetime(2026, 11, 18, 2, tzinfo=UTC)
DELIVERED, ASSIGNED = AT + timedelta(days=2), AT + timedelta(days=3)


async def execute(url: str, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


async def lines(url: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch("SELECT at, recorded_at, details::text FROM feedback_history ORDER BY version")
        return [tuple(row) for row in rows]
    finally:
        await connection.close()


def test_old_lines_were_written_down_when_they_happened_or_were_delivered(database: Database) -> None:
    url = database.url("feedback")
    config = alembic_config("feedback", url)
    command.downgrade(config, "0002")
    report = """INSERT INTO feedback (code, version, channel, kind, severity, content, unit, routing, status,
                    secret_digest, received_at, recorded_at, accept_due_at, resolve_due_at)
                VALUES ('PA-26-000001', 2, 'hotline', 'conduct', 'normal', 'x', 'u', '{}', 'assigned', '',
                        $1, $2, $1, $1)"""
    line = """INSERT INTO feedback_history (code, version, action, status, unit, resolve_due_at, at)
              VALUES ('PA-26-000001', $1, 'any', 'any', 'u', $2, $2)"""
    asyncio.run(execute(url, report, AT, DELIVERED))
    asyncio.run(execute(url, line, 1, AT))
    asyncio.run(execute(url, line, 2, ASSIGNED))
    command.upgrade(config, "head")
    assert asyncio.run(lines(url)) == [(AT, DELIVERED, "{}"), (ASSIGNED, ASSIGNED, "{}")]
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        asyncio.run(execute(url, "DELETE FROM feedback_history"))
