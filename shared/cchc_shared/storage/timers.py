"""The tables of time: one-off timers that services set with their effects, and the last slot of periodic ticks."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Column, DateTime, Index, MetaData, SmallInteger, Table, Text, text
from sqlalchemy.ext.asyncio import AsyncConnection


def timer_tables(metadata: MetaData) -> None:
    """The tables `timer` and `tick`, one set in each service's schema."""
    Table(
        "timer",
        metadata,
        Column("kind", Text, primary_key=True),
        Column("key", Text, primary_key=True, comment="What it is about, such as the code of a task"),
        Column("due_at", DateTime(timezone=True), nullable=False, comment="As of when its effect holds"),
        Column(
            "fires_at",
            DateTime(timezone=True),
            nullable=False,
            comment="When it is tried next: its due time, later after a failure",
        ),
        Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
        Index("ix_timer_fires_at", "kind", "fires_at"),
    )
    Table(
        "tick",
        metadata,
        Column("kind", Text, primary_key=True),
        Column("slot", DateTime(timezone=True), nullable=False, comment="The last one that was run"),
    )


class Due(NamedTuple):
    """A timer whose time has come. Its effect holds as of `due_at`, however late it fires."""

    key: str
    due_at: datetime
    attempts: int = 0


_SCHEDULE = text(
    """INSERT INTO timer (kind, key, due_at, fires_at)
       SELECT :kind, key, due_at, due_at
       FROM unnest(CAST(:keys AS text[]), CAST(:due_at AS timestamptz[])) AS t(key, due_at) ORDER BY key
       ON CONFLICT (kind, key) DO UPDATE SET due_at = EXCLUDED.due_at, fires_at = EXCLUDED.fires_at, attempts = 0"""
)
_CANCEL = text("DELETE FROM timer WHERE kind = :kind AND key = ANY(CAST(:keys AS text[]))")
# Deleted by the transaction that applies it: another instance passes over it, and a rollback leaves it in place.
# Materialized: a plan that asks the inner query again for each row would lock, and delete, more than the limit.
_CLAIM = text(
    """WITH due AS MATERIALIZED (
           SELECT kind, key FROM timer WHERE kind = :kind AND fires_at <= :now
           ORDER BY fires_at, key LIMIT :limit FOR UPDATE SKIP LOCKED)
       DELETE FROM timer USING due WHERE timer.kind = due.kind AND timer.key = due.key
       RETURNING timer.key, timer.due_at, timer.attempts"""
)
_POSTPONE = text(
    """INSERT INTO timer (kind, key, due_at, fires_at, attempts) VALUES (:kind, :key, :due_at, :fires_at, :attempts)
       ON CONFLICT (kind, key) DO NOTHING"""
)
_WAITING = text("SELECT count(*) FROM timer WHERE kind = :kind AND fires_at <= :horizon AND due_at <= :now")
_BEGIN = text("INSERT INTO tick (kind, slot) VALUES (:kind, :slot) ON CONFLICT DO NOTHING")
# Locked only when there is something to do: where another instance runs the slot, it is asked every second.
_LAST = text("SELECT slot FROM tick WHERE kind = :kind AND slot < :current FOR UPDATE SKIP LOCKED")
_WAS_RUN = text("SELECT EXISTS (SELECT FROM tick WHERE kind = :kind AND slot >= :current)")
_RUN = text("UPDATE tick SET slot = :slot WHERE kind = :kind")


async def schedule(conn: AsyncConnection, kind: str, due: Mapping[str, datetime]) -> None:
    """Set a timer for each key, or move the one that is set, in the transaction of what makes it due."""
    if due:
        await conn.execute(_SCHEDULE, {"kind": kind, "keys": list(due), "due_at": list(due.values())})


async def cancel(conn: AsyncConnection, kind: str, keys: Collection[str]) -> None:
    """Remove the timers of these keys, where there are any."""
    await conn.execute(_CANCEL, {"kind": kind, "keys": list(keys)})


async def claim(conn: AsyncConnection, kind: str, now: datetime, limit: int) -> Sequence[Due]:
    """Take timers whose time has come out of the table, the oldest first; those that others hold are passed over."""
    rows = await conn.execute(_CLAIM, {"kind": kind, "now": now, "limit": limit})
    return sorted((Due(*row) for row in rows), key=lambda due: (due.due_at, due.key))


async def postpone(conn: AsyncConnection, kind: str, due: Due, until: datetime) -> None:
    """Put a timer back that failed; one that was set anew meanwhile stays as it was set."""
    values = {"kind": kind, "key": due.key, "due_at": due.due_at, "fires_at": until, "attempts": due.attempts + 1}
    await conn.execute(_POSTPONE, values)


async def waiting(conn: AsyncConnection, kind: str, now: datetime, horizon: datetime) -> int:
    """How many timers of the kind are due and have not fired: those too that failed and are tried again by `horizon`.

    The horizon bounds how much of the index is read.
    """
    return await conn.scalar(_WAITING, {"kind": kind, "now": now, "horizon": horizon}) or 0


async def last_slot(conn: AsyncConnection, kind: str, current: datetime) -> datetime | None:
    """The last slot of a tick that was run, locked. A tick that is new counts as run in the current slot.

    None when the current slot was run, and while another instance runs one.
    """
    await conn.execute(_BEGIN, {"kind": kind, "slot": current})
    slot: datetime | None = await conn.scalar(_LAST, {"kind": kind, "current": current})
    return slot


async def was_run(conn: AsyncConnection, kind: str, current: datetime) -> bool:
    """Whether the current slot of a tick was run, and committed: it need not be asked for again."""
    return bool(await conn.scalar(_WAS_RUN, {"kind": kind, "current": current}))


async def store_slot(conn: AsyncConnection, kind: str, slot: datetime) -> None:
    """Record that a slot was run, in the transaction of its effect."""
    await conn.execute(_RUN, {"kind": kind, "slot": slot})
