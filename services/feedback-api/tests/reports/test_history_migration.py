"""Lines of history from before the common columns keep their words."""

import asyncio
from datetime import UTC, datetime

import asyncpg
import pytest
from alembic import command

from cchc_embedded.migrate import alembic_config
from tests.support.databases import Database

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")
AT = datetime(2026, 11, 18, 2, tzinfo=UTC)


async def execute(url: str, statement: str, *values: object) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement, *values)
    finally:
        await connection.close()


async def line(url: str) -> tuple[object, ...]:
    connection = await asyncpg.connect(url)
    try:
        return tuple(await connection.fetchrow("SELECT at, recorded_at, details::text FROM feedback_history"))
    finally:
        await connection.close()


def test_old_lines_were_written_down_when_they_happened(database: Database) -> None:
    url = database.url("feedback")
    config = alembic_config("feedback", url)
    command.downgrade(config, "0002")
    insert = """INSERT INTO feedback_history (code, version, action, status, unit, resolve_due_at, at)
                VALUES ('PA-26-000001', 1, 'receive', 'received', 'u', $1, $1)"""
    asyncio.run(execute(url, insert, AT))
    command.upgrade(config, "head")
    assert asyncio.run(line(url)) == (AT, AT, "{}")
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        asyncio.run(execute(url, "DELETE FROM feedback_history"))
