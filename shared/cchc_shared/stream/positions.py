"""Positions, stored in the transaction of their effect and moved only from where the reader believes they are."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.stream.outbox import PARTITIONS
from cchc_shared.stream.record import START, Advance, Position, Slot


class Fenced(Exception):
    """Another member has moved on from the position this one believed in: its work must not take effect."""


_DEFINE = text(
    """INSERT INTO stream_position (topic, partition, major, minor)
       SELECT topic, partition, :major, :minor
       FROM unnest(CAST(:topics AS text[])) topic, generate_series(0, :partitions - 1) partition
       ON CONFLICT DO NOTHING"""
)
_LOAD = text("SELECT topic, partition, major, minor FROM stream_position WHERE topic = ANY(:topics)")
_MARKS = text(
    """SELECT topic, partition, mark FROM stream_position
       WHERE topic = ANY(:topics) AND mark IS NOT NULL AND major >= 0"""
)
_ADVANCE = text(
    """UPDATE stream_position p SET major = n.major, minor = n.minor, mark = n.mark
       FROM unnest(CAST(:topic AS text[]), CAST(:partition AS smallint[]), CAST(:from_major AS bigint[]),
                   CAST(:from_minor AS bigint[]), CAST(:major AS bigint[]), CAST(:minor AS bigint[]),
                   CAST(:mark AS uuid[]))
            AS n(topic, partition, from_major, from_minor, major, minor, mark)
       WHERE p.topic = n.topic AND p.partition = n.partition
         AND p.major = n.from_major AND p.minor = n.from_minor"""
)


async def load(engine: AsyncEngine, topics: Sequence[str]) -> dict[Slot, Position]:
    """The stored position of every partition; partitions never read stand at the start."""
    async with engine.begin() as conn:
        await conn.execute(
            _DEFINE, {"topics": list(topics), "partitions": PARTITIONS, "major": START[0], "minor": START[1]}
        )
        rows = await conn.execute(_LOAD, {"topics": list(topics)})
        return {(row.topic, row.partition): (row.major, row.minor) for row in rows}


async def marks(engine: AsyncEngine, topics: Sequence[str]) -> dict[Slot, UUID]:
    """The id of the event at the stored position of each partition, where it is known."""
    async with engine.connect() as conn:
        return {(row.topic, row.partition): row.mark for row in await conn.execute(_MARKS, {"topics": list(topics)})}


async def advance(conn: AsyncConnection, advances: Mapping[Slot, Advance]) -> None:
    """Move each position from `after` to `upto`. Raises `Fenced` if one stands elsewhere.

    Done first in a transaction: the row locks make a second holder of the partition wait, then fail.
    """
    steps = sorted(advances.items())  # one order for all, so that two holders cannot lock each other out
    result = await conn.execute(
        _ADVANCE,
        {
            "topic": [slot[0] for slot, _ in steps],
            "partition": [slot[1] for slot, _ in steps],
            "from_major": [step.after[0] for _, step in steps],
            "from_minor": [step.after[1] for _, step in steps],
            "major": [step.upto[0] for _, step in steps],
            "minor": [step.upto[1] for _, step in steps],
            "mark": [step.mark for _, step in steps],
        },
    )
    if result.rowcount != len(steps):
        raise Fenced(f"{len(steps) - result.rowcount} of {len(steps)} positions have moved")
