"""Parked events that failed are tried again after a start of the worker: once, when that was committed."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.storage.database import create_engine
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.inbox import Outcome
from cchc_shared.stream.record import Record
from tests.support.databases import Database


class Effect:
    """Notes how it was asked; the first transactions are refused by the database."""

    def __init__(self, refused: int) -> None:
        self.asked: list[bool] = []
        self._refused = refused

    async def process(self, conn: AsyncConnection, records: Sequence[Record], *, vouched: bool) -> Outcome:
        raise AssertionError

    async def retry(self, conn: AsyncConnection, *, started: bool) -> Outcome:
        self.asked.append(started)
        if len(self.asked) <= self._refused:
            await conn.execute(text("SELECT 1 / 0"))
        return Outcome()


@pytest.mark.parametrize("refused", [0, 2])
async def test_a_start_is_told_until_it_was_committed(database: Database, refused: int) -> None:
    engine = create_engine(database.url("scoring"))
    effect = Effect(refused)
    consumer = Consumer("again", engine=engine, source=lambda: pytest.fail("no source"), effect=effect)
    for _ in range(refused):
        with pytest.raises(Exception, match="division by zero"):
            await consumer._retry()
    await consumer._retry()
    await consumer._retry()
    await engine.dispose()
    assert effect.asked == [True] * (refused + 1) + [False]
