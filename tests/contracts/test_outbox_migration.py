"""Events of before the months stand where they stood, are read in the same order, and new ones come after them."""

import asyncio
from typing import Any

import asyncpg
import pytest
from alembic import command

from cchc_embedded.migrate import alembic_config
from tests.support.databases import Database

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")

BEFORE = {"tasks": "0003", "feedback": "0004"}
"""The producers that are older than the months, and their last migration before these."""
EVENTS = """INSERT INTO outbox (partition, id, aggregatetype, aggregateid, aggregateversion, type, occurred_at,
                                recorded_at, payload)
            SELECT n % 12, gen_random_uuid(), 'a', n::text, 1, 't', now(), now(), '{}'
            FROM generate_series($1::int, $2) n"""
ALL = "SELECT partition, xid::text, seq, id, aggregateid, payload::text FROM outbox ORDER BY xid, seq"


async def run(url: str, statement: str, *arguments: object) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement, *arguments)]
    finally:
        await connection.close()


@pytest.mark.parametrize("schema", BEFORE)
def test_no_event_moves_up_or_down(schema: str, database: Database) -> None:
    url = database.url(schema)
    config = alembic_config(schema, url)
    command.downgrade(config, BEFORE[schema])
    asyncio.run(run(url, EVENTS, 1, 50))
    asyncio.run(run(url, EVENTS, 51, 90))
    before = asyncio.run(run(url, ALL))
    command.upgrade(config, "head")
    assert asyncio.run(run(url, ALL)) == before
    asyncio.run(run(url, EVENTS, 91, 100))
    after = asyncio.run(run(url, ALL))
    assert after[:90] == before
    assert [row[4] for row in after[90:]] == [str(number) for number in range(91, 101)]
    assert min(row[2] for row in after[90:]) > max(row[2] for row in before)
    command.downgrade(config, BEFORE[schema])
    assert asyncio.run(run(url, ALL)) == after
    asyncio.run(run(url, EVENTS, 101, 101))
    assert asyncio.run(run(url, ALL))[-1][4] == "101"
    command.upgrade(config, "head")


@pytest.mark.parametrize("schema", BEFORE)
def test_an_outbox_whose_months_left_is_not_put_together_again(schema: str, database: Database) -> None:
    url = database.url(schema)
    trimmed = "INSERT INTO outbox_month (month, trimmed_at) VALUES ('2024-05-01', now())"
    asyncio.run(run(url, trimmed))
    with pytest.raises(Exception, match="in the archive alone"):
        command.downgrade(alembic_config(schema, url), BEFORE[schema])
