"""One rebuild, from an empty schema to the answer."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.service.rebuild.comparison import Difference, LogIncomplete, copy, differences, losses, swap
from cchc_shared.service.rebuild.plan import RebuildPlan
from cchc_shared.service.rebuild.replay import replay, stored
from cchc_shared.storage.database import is_lock_timeout
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.record import Position, Slot, Source

# Holds up batches before they lock anything themselves.
_STOP_BATCHES = text("SELECT 1 FROM stream_position ORDER BY topic, partition FOR UPDATE")
_ALONE = text("SELECT pg_try_advisory_lock(hashtext('cchc.rebuild'), hashtext(:schema))")

LOCK_SECONDS = 30.0
"""How long the last step waits for others: meanwhile it holds what they need in turn."""

Targets = Callable[[AsyncConnection], Awaitable[Mapping[Slot, Position]]]
"""Up to where the log is read; asked on a connection to the live tables."""


class RebuildRunning(Exception):
    """Another rebuild of the same tables is at work."""


class TablesBusy(Exception):
    """Somebody else holds the live tables for too long."""


def search_rebuilt(engine: AsyncEngine, schema: str) -> None:
    """Make every connection of the engine see the rebuilt tables instead of the live ones."""

    @event.listens_for(engine.sync_engine, "connect")
    def _(connection: object, _: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute(f"SET search_path TO {schema}")
        cursor.close()
        connection.commit()  # type: ignore[attr-defined]


async def rebuild(
    plan: RebuildPlan,
    live: AsyncEngine,
    rebuilt: AsyncEngine,
    source: Callable[[], Source],
    *,
    clock: Clock,
    target: Targets = stored,
    swapping: bool,
    accepting_loss: bool = False,
) -> list[Difference]:
    """Make all effects again from the log, and name the rows in which the live ones differ.

    Workers go on meanwhile; they wait only for the last step, from the positions where they stand to the comparison.
    What operators gave up is given up here too. `swapping` puts the rebuilt rows in the place of the live ones, and
    raises `LogIncomplete` when something that took effect would be lost by it, unless `accepting_loss`. Raises
    `RebuildRunning` if another one is at work, `LogTooShort` if the log ends before the positions to be reached,
    `TablesBusy` if somebody else keeps the live tables for half a minute.
    """
    async with _alone(live, plan.schema):
        await _prepare(plan, live, rebuilt)
        inbox = Inbox(plan.handler, enough=0)
        async with _opened(source()) as log:
            # Twice: the second time little is left, so that workers wait for next to nothing.
            for _ in range(2):
                async with live.connect() as conn:
                    upto = await target(conn)
                await replay(log, rebuilt, inbox, upto)
            async with _held(live) as conn:
                await conn.execute(_STOP_BATCHES)
                await plan.hold(conn)
                await replay(log, rebuilt, inbox, await target(conn))
                now = clock.now()
                await plan.finish(conn, now)
                async with rebuilt.begin() as other:
                    await plan.finish(other, now)
                lost = await losses(conn, plan)
                found = await differences(conn, plan) + lost
                if swapping:
                    if lost and not accepting_loss:
                        raise LogIncomplete(lost)
                    await swap(conn, plan)
        return found


@asynccontextmanager
async def _held(live: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A transaction on the live tables that waits for no lock without bound."""
    try:
        async with live.begin() as conn:
            await conn.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            yield conn
    except DBAPIError as error:
        if not is_lock_timeout(error):
            raise
        raise TablesBusy(f"somebody else held the live tables for {LOCK_SECONDS:.0f} s; nothing was changed") from error


@asynccontextmanager
async def _alone(live: AsyncEngine, schema: str) -> AsyncIterator[None]:
    """Keep others out for as long as this lasts: two would write into the same tables."""
    async with live.connect() as conn:
        await conn.execution_options(isolation_level="AUTOCOMMIT")
        if not await conn.scalar(_ALONE, {"schema": schema}):
            raise RebuildRunning(f"another rebuild writes into {schema}")
        try:
            yield
        finally:
            await conn.invalidate()  # the lock ends with its session


async def _prepare(plan: RebuildPlan, live: AsyncEngine, rebuilt: AsyncEngine) -> None:
    async with rebuilt.begin() as conn:
        await conn.run_sync(plan.metadata.drop_all)
        await conn.run_sync(plan.metadata.create_all)
    async with live.begin() as conn:
        for table in (*plan.definitions, plan.acts):
            await copy(conn, table, plan.beside(table))


@asynccontextmanager
async def _opened(source: Source) -> AsyncIterator[Source]:
    await source.start()
    try:
        yield source
    finally:
        await source.stop()
