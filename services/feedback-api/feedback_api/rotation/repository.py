"""Seals in the database, page by page."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import Text, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from feedback_api.reports.contacts import Seal
from feedback_api.reports.models import contacts

NAMELESS: Final = "unnamed"
"""Stands for the key of seals that are older than the naming of keys."""


async def under_others(conn: AsyncConnection, key_id: str, after: str, limit: int) -> Sequence[tuple[str, Seal]]:
    """Codes with seals of other keys, in the order of codes from the one that follows `after`, locked."""
    query = select(contacts.c.code, contacts.c.key_id, contacts.c.sealed).where(
        contacts.c.key_id.is_distinct_from(key_id), contacts.c.code > after
    )
    rows = await conn.execute(query.order_by(contacts.c.code).limit(limit).with_for_update())
    return [(code, Seal(by, sealed)) for code, by, sealed in rows]


async def replace(conn: AsyncConnection, seals: Mapping[str, Seal]) -> None:
    """Put these in the place of the seals that are there. The version stays: nobody sees a difference."""
    statement = update(contacts).where(contacts.c.code == bindparam("of", type_=Text))
    rows = [{"of": code, "key_id": seal.key_id, "sealed": seal.sealed} for code, seal in seals.items()]
    await conn.execute(statement.values(key_id=bindparam("key_id"), sealed=bindparam("sealed")), rows)


async def count(conn: AsyncConnection) -> dict[str, int]:
    """How many seals there are by the id of their key."""
    key = func.coalesce(contacts.c.key_id, NAMELESS)
    rows = await conn.execute(select(key, func.count()).group_by(key).order_by(key))
    return {row[0]: row[1] for row in rows}
