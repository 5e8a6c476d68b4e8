"""The months of an outbox: partitions of the table, each with the transactions of one month.

The last one, `outbox_open`, has no upper bound: no event can be without a place, whether or not anybody turned the
month. A month that has ended is *closed* once no transaction before its bound can still be at work: from then on it
never changes.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

OPEN: Final = "outbox_open"

_BEGIN = text(
    """INSERT INTO outbox_month (month) SELECT :month
       WHERE NOT EXISTS (SELECT FROM outbox_month WHERE to_xid IS NULL) ON CONFLICT DO NOTHING"""
)
_CURRENT = text("SELECT month, from_xid FROM outbox_month WHERE to_xid IS NULL FOR UPDATE")
# Whoever wrote to the table has ended when the lock is ours, and has an id below xmax. Who has yet to write goes to the
# one month or the other by the id that he has or will get. Months that end one after the other are not without width.
_BOUND = text(
    """SELECT greatest(CAST(CAST(pg_snapshot_xmax(pg_current_snapshot()) AS text) AS bigint), 1 + from_xid)
       FROM outbox_month WHERE month = :month"""
)
_END = text("UPDATE outbox_month SET to_xid = :bound, turned_at = :now WHERE month = :month")
_NEXT = text("INSERT INTO outbox_month (month, from_xid) VALUES (:month, :bound)")
_LIST = text(
    """SELECT month, from_xid, to_xid, turned_at, sha256, archived_at, trimmed_at,
              to_xid <= CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint) AS closed
       FROM outbox_month ORDER BY month"""
)
_SIZE = text("SELECT coalesce(sum(pg_total_relation_size(relid)), 0) FROM pg_partition_tree('outbox') WHERE isleaf")


class Sizes(NamedTuple):
    """Size of an outbox: bytes on the disk, and ended months that are not archived yet."""

    size: int
    unarchived: int


def partition_name(month: date) -> str:
    """The partition of a month that has ended."""
    return f"outbox_{month:%Y_%m}"


async def turn(conn: AsyncConnection, month: date, now: datetime) -> bool:
    """End the open month if it began before `month`, the first day of the present one; whether it was ended.

    Holds up writers while PostgreSQL looks through the month's rows once more; waits for running writers no longer than
    half a second, and then fails to be tried again. The caller commits.
    """
    await conn.execute(_BEGIN, {"month": month})
    current = (await conn.execute(_CURRENT)).one_or_none()
    if current is None or current.month >= month:
        return False
    await conn.execute(text("SET LOCAL lock_timeout = '500ms'"))
    await conn.execute(text("LOCK TABLE outbox IN ACCESS EXCLUSIVE MODE"))
    bound = await conn.scalar(_BOUND, {"month": current.month})
    name = partition_name(current.month)
    lower = "MINVALUE" if current.from_xid is None else f"'{current.from_xid}'"
    for statement in (
        f"ALTER TABLE outbox DETACH PARTITION {OPEN}",
        f"ALTER TABLE {OPEN} RENAME TO {name}",
        f"ALTER TABLE outbox ATTACH PARTITION {name} FOR VALUES FROM ({lower}) TO ('{bound}')",
        f"CREATE TABLE {OPEN} PARTITION OF outbox FOR VALUES FROM ('{bound}') TO (MAXVALUE)",
    ):
        await conn.execute(text(statement))
    await conn.execute(_END, {"bound": bound, "now": now, "month": current.month})
    await conn.execute(_NEXT, {"bound": bound, "month": month})
    return True


async def months(conn: AsyncConnection) -> Sequence[Row[Any]]:
    """All months, oldest first: their bounds, what was archived and trimmed, and whether they are `closed`."""
    return (await conn.execute(_LIST)).all()


async def sizes(conn: AsyncConnection) -> Sizes:
    """How much this service's outbox holds."""
    waiting = sum(month.to_xid is not None and month.archived_at is None for month in await months(conn))
    return Sizes(int(await conn.scalar(_SIZE) or 0), waiting)
