"""Reading the log again, up to given positions and not one event further."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.stream import Inbox, positions
from cchc_shared.stream.record import START, Advance, Batch, Position, Slot, Source
from scoring_worker.metadata import METADATA

BATCH = 2000
PATIENCE = 30
"""Seconds without a record after which the log counts as too short."""

_position = METADATA.tables["stream_position"].c
_POSITIONS = select(_position.topic, _position.partition, _position.major, _position.minor)


class LogTooShort(Exception):
    """The log ends before the positions to be reached."""


async def stored(conn: AsyncConnection) -> dict[Slot, Position]:
    """The positions stored in this connection's schema."""
    rows = await conn.execute(_POSITIONS)
    return {(topic, partition): (major, minor) for topic, partition, major, minor in rows}


async def replay(source: Source, engine: AsyncEngine, inbox: Inbox, target: Mapping[Slot, Position]) -> None:
    """Let events take effect until exactly the target is reached, for the topics that the source reads."""
    idle = 0
    while await _behind(engine, target):
        batch = await source.next(BATCH, wait=1.0)
        idle = idle + 1 if batch is None else 0
        if idle > PATIENCE:
            raise LogTooShort(f"no events for {PATIENCE} s, and positions are still behind")
        if batch is None:
            continue
        before = _until(batch, target)
        if before.records:
            async with engine.begin() as conn:
                await positions.advance(conn, before.advances)
                await inbox.process(conn, before.records)
        if len(before.records) < len(batch.records):
            await source.rewind()


async def _behind(engine: AsyncEngine, target: Mapping[Slot, Position]) -> bool:
    async with engine.connect() as conn:
        here = await stored(conn)
    # Without positions of its own the source has not been given its partitions yet.
    return not here or any(at < target.get(slot, START) for slot, at in here.items())


def _until(batch: Batch, target: Mapping[Slot, Position]) -> Batch:
    records = [
        record for record in batch.records if record.position <= target.get((record.topic, record.partition), START)
    ]
    last = {(record.topic, record.partition): record.position for record in records}
    return Batch(records, {slot: Advance(batch.advances[slot].after, upto) for slot, upto in last.items()})
