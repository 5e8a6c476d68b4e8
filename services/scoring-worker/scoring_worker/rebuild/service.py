"""One rebuild, from an empty schema to the answer."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.stream import Inbox
from cchc_shared.stream.record import Source
from scoring_worker.metadata import METADATA
from scoring_worker.projection.service import Projection
from scoring_worker.rebuild.comparison import DEFINITIONS, REBUILT, Difference, beside, copy, differences, swap
from scoring_worker.rebuild.replay import replay, stored
from scoring_worker.scoring import recompute

_position = METADATA.tables["stream_position"]
# Holds up batches before they lock anything themselves.
_STOP_BATCHES = select(_position).order_by(_position.c.topic, _position.c.partition).with_for_update()


def search_rebuilt(engine: AsyncEngine) -> None:
    """Make every connection of the engine see the rebuilt tables instead of the live ones."""

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: object, _: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(f"SET search_path TO {REBUILT}")
        cursor.close()
        connection.commit()  # type: ignore[attr-defined]


async def rebuild(
    live: AsyncEngine,
    rebuilt: AsyncEngine,
    source: Callable[[], Source],
    *,
    timezone: ZoneInfo,
    clock: Clock,
    swapping: bool,
) -> list[Difference]:
    """Make all scores again from the log, and name the rows in which the live ones differ.

    Workers go on meanwhile; they wait only for the last step, from the positions where they stand to the comparison.
    `swapping` puts the rebuilt rows in the place of the live ones. An event that an operator discarded is part of the
    log: it is parked again, and what follows it differs.
    """
    await _prepare(live, rebuilt)
    inbox = Inbox(Projection(timezone, clock))
    async with _opened(source()) as log:
        # Twice: the second time little is left, so that workers wait for next to nothing.
        for _ in range(2):
            async with live.connect() as conn:
                target = await stored(conn)
            await replay(log, rebuilt, inbox, target)
        async with live.begin() as conn:
            await conn.execute(_STOP_BATCHES)
            await recompute.begin(conn, redefines=True)
            await replay(log, rebuilt, inbox, await stored(conn))
            now = clock.now()
            await _mark_overdue(Projection(timezone, clock), conn, now)
            async with rebuilt.begin() as other:
                await _mark_overdue(Projection(timezone, clock), other, now)
            found = await differences(conn)
            if swapping:
                await swap(conn)
    return found


async def _prepare(live: AsyncEngine, rebuilt: AsyncEngine) -> None:
    async with rebuilt.begin() as conn:
        await conn.run_sync(METADATA.drop_all)
        await conn.run_sync(METADATA.create_all)
    async with live.begin() as conn:
        for table in DEFINITIONS:
            await copy(conn, table, beside(table))


@asynccontextmanager
async def _opened(source: Source) -> AsyncIterator[Source]:
    await source.start()
    try:
        yield source
    finally:
        await source.stop()


async def _mark_overdue(projection: Projection, conn: AsyncConnection, now: datetime) -> None:
    while (await projection.mark_overdue(conn, now)).moved:
        pass
