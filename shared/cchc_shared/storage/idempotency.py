"""Answers kept under the caller's idempotency key: a request that is sent twice is done once, and answered twice alike.

The key is claimed and its reply stored in the transaction of the write, so that there is no moment in which the write
stands and its key does not.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import (
    Column,
    DateTime,
    Index,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.storage.personal import SENDER, WORDS

KEPT_DAYS: Final = 8
"""How long a repeated request is recognised: a week, and a day for who comes back on its last one."""
AT_ONCE: Final = 1000
_TIMED: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)

_PURGE = text(
    f"""DELETE FROM idempotency WHERE (caller, key) IN (
            SELECT caller, key FROM idempotency WHERE created_at < now() - interval '{KEPT_DAYS} days'
            ORDER BY created_at LIMIT :limit FOR UPDATE SKIP LOCKED)"""
)


def is_outlived(key: str | None, now: datetime) -> bool:
    """Whether a key says of itself that it was made so long ago that its request may have been forgotten.

    A UUID of version 7 does: it begins with the milliseconds since 1970 (RFC 9562). Of other keys nobody knows.
    """
    if key is None or _TIMED.fullmatch(key) is None:
        return False
    made_at = int(key[:8] + key[9:13], 16)
    return made_at < (now - timedelta(days=KEPT_DAYS)).timestamp() * 1000


class KeyReused(Exception):
    """The idempotency key stands for another request."""


class Reply(msgspec.Struct, frozen=True):
    """An answer that can be stored and given again: HTTP status, JSON body, headers."""

    status: int
    body: bytes
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


def idempotency_table(metadata: MetaData) -> Table:
    """The keys that were used, with what was answered. One in the schema of each service that takes commands."""
    return Table(
        "idempotency",
        metadata,
        Column("caller", Text, primary_key=True, info=SENDER),
        Column("key", Text, primary_key=True, info=SENDER),
        Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the request"),
        Column("status", SmallInteger),
        Column("headers", JSONB),
        Column("body", LargeBinary, info=WORDS),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
        Column("about", Text, comment="Code of the thing that the answer shows"),
        Index("ix_idempotency_about", "about", postgresql_where=text("about IS NOT NULL")),
    )


# Every service has the table under the same name in its own search path.
_table = idempotency_table(MetaData())


async def once(
    engine: AsyncEngine,
    *,
    caller: str,
    key: str | None,
    digest: bytes,
    work: Callable[[AsyncConnection], Awaitable[Reply]],
    about: str | None = None,
) -> Reply:
    """Do `work` in one transaction, or repeat what was answered when this key was used before.

    `work` writes on the connection it is given and does not commit. What it raises undoes everything, the claim on the
    key included. Raises `KeyReused` when the key stands for another request.

    `about` is the code of what the answer shows, where its words may have to be forgotten early (see `forget`).
    """
    async with engine.begin() as conn:
        if key is None:
            return await work(conn)
        # A second request with the same key waits here until the first has committed or failed.
        claimed = await conn.execute(
            insert(_table)
            .values(caller=caller, key=key, digest=digest, about=about)
            .on_conflict_do_nothing()
            .returning(_table.c.key)
        )
        if claimed.first() is None:
            return await _repeat(conn, caller, key, digest)
        answer = await work(conn)
        await conn.execute(
            update(_table)
            .where(_table.c.caller == caller, _table.c.key == key)
            .values(status=answer.status, headers=dict(answer.headers), body=answer.body)
        )
        return answer


async def _repeat(conn: AsyncConnection, caller: str, key: str, digest: bytes) -> Reply:
    row = (
        await conn.execute(
            select(_table.c.digest, _table.c.status, _table.c.headers, _table.c.body).where(
                _table.c.caller == caller, _table.c.key == key
            )
        )
    ).one()
    if row.digest != digest:
        raise KeyReused
    return Reply(row.status, row.body, row.headers)


async def forget(conn: AsyncConnection, codes: Collection[str]) -> None:
    """Forget what was answered about these things: a repeated request is done anew from now on, or refused."""
    await conn.execute(delete(_table).where(_table.c.about.in_(codes)))


async def purge(conn: AsyncConnection) -> int:
    """Delete keys that are older than `KEPT_DAYS`, by the database's own clock, which stamped them.

    The oldest first and at most `AT_ONCE`, so that no transaction is long; returns how many. The caller commits.
    """
    return (await conn.execute(_PURGE, {"limit": AT_ONCE})).rowcount
