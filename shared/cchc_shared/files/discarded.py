"""Objects that are to be removed from the storage at a time, unless a row refers to them by then.

An object is written here before it is stored, and taken out in the transaction of the row that refers to it: whatever
crashes in between, no row points to nothing, and nothing is stored that is never removed.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Column, DateTime, MetaData, Table, Text, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.files.objects import Objects
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept

AT_ONCE: Final = 100


def discarded_table(metadata: MetaData, name: str) -> Table:
    """The list, one for each table of files."""
    return Table(
        name,
        metadata,
        Column("key", Text, primary_key=True),
        Column("due_at", DateTime(timezone=True), nullable=False, index=True),
    )


@dataclass(frozen=True, slots=True)
class Discarded:
    """The list in its table. Nothing here commits."""

    table: Table

    async def add(self, conn: AsyncConnection, keys: Collection[str], due_at: datetime) -> None:
        """Have these objects removed at that time, unless a row refers to them by then."""
        if not keys:
            return
        rows = [{"key": key, "due_at": due_at} for key in sorted(keys)]
        statement = insert(self.table)
        later = statement.on_conflict_do_update(index_elements=["key"], set_={"due_at": statement.excluded.due_at})
        await conn.execute(later, rows)

    async def keep(self, conn: AsyncConnection, keys: Collection[str]) -> bool:
        """Take objects out, because a row will refer to them; False if one was removed already."""
        kept = await conn.execute(delete(self.table).where(self.table.c.key.in_(keys)))
        return kept.rowcount == len(keys)

    async def claim_due(self, conn: AsyncConnection, now: datetime, limit: int) -> list[tuple[str, datetime]]:
        """Objects whose time has come, with that time; nobody else can keep or claim them until the transaction
        ends."""
        c = self.table.c
        query = select(c.key, c.due_at).where(c.due_at <= now).order_by(c.due_at)
        rows = await conn.execute(query.limit(limit).with_for_update(skip_locked=True))
        return [(row.key, row.due_at) for row in rows]

    async def forget(self, conn: AsyncConnection, keys: Collection[str]) -> None:
        """They are to be removed no more."""
        await conn.execute(delete(self.table).where(self.table.c.key.in_(keys)))


ReferredTo = Callable[[AsyncConnection, Collection[str]], Awaitable[set[str]]]
"""Those of some objects that a row refers to."""


def removal(name: str, discarded: Discarded, referred_to: ReferredTo) -> Sweep:
    """Removes what no row refers to: what was erased, and what a crash or a refusal left in the storage."""

    async def remove(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
        objects = here.use(Objects)
        if not objects.is_there:
            return Swept(0)
        due = await discarded.claim_due(conn, now, AT_ONCE)
        if not due:
            return Swept(0)
        keys = {key for key, _ in due}
        await objects.delete(keys - await referred_to(conn, keys))
        await discarded.forget(conn, keys)
        return Swept(len(due), due[0][1])

    return Sweep(name, remove)
