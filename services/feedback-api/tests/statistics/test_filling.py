"""Reports that are older than the cells are counted by the worker, month by month, while work goes on."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_embedded.migrate import alembic_config
from cchc_shared.storage.database import create_engine
from feedback_api.reports.models import feedback
from feedback_api.statistics import cells
from feedback_api.statistics.models import cell, state
from tests.support.databases import Database

from .test_cells import NOW, ZONE, agree, any_standing, some_reports

pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'xid8'")


def test_older_reports_are_counted_month_by_month(database: Database) -> None:
    config = alembic_config("feedback", database.url("feedback"))
    command.downgrade(config, "0022")
    asyncio.run(on(database, older))
    command.upgrade(config, "head")
    asyncio.run(on(database, filled))


async def on(database: Database, do: Callable[[AsyncEngine], Awaitable[None]]) -> None:
    engine = create_engine(database.url("feedback"))
    await do(engine)
    await engine.dispose()


async def older(engine: AsyncEngine) -> None:
    await some_reports(engine, random.Random(1), 200)  # noqa: S311


async def filled(engine: AsyncEngine) -> None:
    """Between any two steps reports change and come in, changes are summed up, and answers are right."""
    chance = random.Random(2)  # noqa: S311
    steps = 0
    while True:
        async with engine.begin() as conn:
            done = not await cells.fill(conn, ZONE, NOW)
        if done:
            break
        steps += 1
        await some_reports(engine, chance, 20, f"N{steps}")
        async with engine.begin() as conn:
            code = f"R{chance.randrange(200):05}"
            await conn.execute(update(feedback).where(feedback.c.code == code).values(any_standing(chance)))
            await cells.fold(conn, ZONE, NOW - timedelta(minutes=1), 30)
            await agree(conn, NOW, [()])
            assert await conn.scalar(select(state.c.filled)) == (steps == 5)
    assert steps == 5, "four months, and a look that finds no more"
    async with engine.connect() as conn:
        await agree(conn, NOW)
        assert (await conn.scalars(select(cell.c.month).distinct().order_by(cell.c.month))).all() == [
            "2026-08",
            "2026-09",
            "2026-10",
            "2026-11",
        ]


async def test_where_no_report_is_older_nothing_is_to_be_filled(database: Database) -> None:
    engine = create_engine(database.url("feedback"))
    async with engine.begin() as conn:
        assert not await cells.fill(conn, ZONE, NOW)
        assert await conn.scalar(select(state.c.filled))
    await engine.dispose()
