"""Reading the log again, up to given positions and not one event further."""

import asyncio
import time
from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.stream import positions
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.record import START, Advance, Batch, Position, Slot, Source

BATCH = 2000
PATIENCE = 30.0
"""Seconds without an event that is wanted after which the log counts as too short."""

_POSITIONS = text("SELECT topic, partition, major, minor FROM stream_position")


class LogTooShort(Exception):
    """The log does not hold what stands before the positions to be reached, or none of them is in this log."""


async def stored(conn: AsyncConnection) -> dict[Slot, Position]:
    """The positions stored in this connection's schema."""
    rows = await conn.execute(_POSITIONS)
    return {(topic, partition): (major, minor) for topic, partition, major, minor in rows}


async def replay(source: Source, engine: AsyncEngine, inbox: Inbox, target: Mapping[Slot, Position]) -> None:
    """Let events take effect until exactly the target is reached, for the topics that the source reads."""
    wanted_at = time.monotonic()
    while await _behind(engine, target):
        batch = await source.next(BATCH, wait=1.0)
        before = None if batch is None else _until(batch, target)
        if before is not None and before.records:
            async with engine.begin() as conn:
                await positions.advance(conn, before.advances)
                await inbox.process(conn, before.records)
            wanted_at = time.monotonic()
        elif time.monotonic() - wanted_at > PATIENCE:
            raise LogTooShort(f"no event that is wanted for {PATIENCE} s, and positions are still behind")
        if batch is not None and before is not None and len(before.records) < len(batch.records):
            await source.rewind()
            if not before.records:
                await asyncio.sleep(0.1)  # what comes after the target comes again at once


async def _behind(engine: AsyncEngine, target: Mapping[Slot, Position]) -> bool:
    async with engine.connect() as conn:
        here = await stored(conn)
    if here and here.keys().isdisjoint(target):
        # Nothing would be read, and every live row would be said to differ.
        read, followed = (", ".join(sorted({topic for topic, _ in slots})) for slots in (here, target))
        raise LogTooShort(
            f"this log is {read}, and no position in it is stored; the stored ones are of: {followed or 'nothing'}"
        )
    # Without positions of its own the source has not been given its partitions yet.
    return not here or any(at < target.get(slot, START) for slot, at in here.items())


def _until(batch: Batch, target: Mapping[Slot, Position]) -> Batch:
    records = [
        record for record in batch.records if record.position <= target.get((record.topic, record.partition), START)
    ]
    last = {(record.topic, record.partition): record.position for record in records}
    return Batch(records, {slot: Advance(batch.advances[slot].after, upto) for slot, upto in last.items()})
