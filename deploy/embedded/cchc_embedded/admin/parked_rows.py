"""Parked events in the tables of one service. They are there whether it runs or not, wherever it runs, and the relay
has no API: so they are listed and acted upon there. The worker does what was asked when it comes to it."""

import asyncio
import getpass
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_embedded.admin.place import Refused
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import parking
from cchc_shared.stream.classification import Reason

STEP = 500
"""Events of one question, and of one transaction: those that are acted upon are locked until its end."""


def listed(url: str) -> Sequence[Row[Any]]:
    """All of them, oldest first."""
    return asyncio.run(_listed(url))


def act(url: str, action: parking.Act, event: int, why: str) -> None:
    """Act on one event; it is kept with the name of who types it. Raises `Refused`."""
    asyncio.run(_act(url, action, event, why))


def act_on_all(url: str, action: parking.BulkAct, of: Reason, why: str) -> int:
    """Act on all events that wait for one reason; on how many."""
    return asyncio.run(_act_on_all(url, action, of, why))


async def _listed(url: str) -> Sequence[Row[Any]]:
    found: list[Row[Any]] = []
    async with _opened(url) as engine, engine.connect() as conn:
        while page := await parking.page(conn, aggregate="", after=found[-1].id if found else 0, limit=STEP):
            found += page
    return found


async def _act(url: str, action: parking.Act, event: int, why: str) -> None:
    try:
        async with _opened(url) as engine, engine.begin() as conn:
            aggregate = await parking.act(conn, event, action, done_by=_me(), reason=why)
    except parking.NoGap as error:
        raise Refused(f"không thiếu sự kiện nào · no event is missing before those of {error}") from error
    if aggregate is None:
        raise Refused(f"không có sự kiện đang chờ · there is no parked event {event}")


async def _act_on_all(url: str, action: parking.BulkAct, of: Reason, why: str) -> int:
    acted, done = 0, STEP
    async with _opened(url) as engine:
        while done == STEP:
            async with engine.begin() as conn:
                done = await parking.act_on_all(
                    conn, action, because=of, error_prefix="", done_by=_me(), reason=why, limit=STEP
                )
            acted += done
    return acted


def _me() -> str:
    return f"make:{getpass.getuser()}"


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url, pool_size=1)
    try:
        yield engine
    finally:
        await engine.dispose()
