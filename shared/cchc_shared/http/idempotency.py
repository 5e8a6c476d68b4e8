"""`Idempotency-Key`: a request that is sent twice is done once, and answered twice alike.

The key is claimed and its reply kept in the transaction of the write, so that there is no moment in which the write
stands and its key does not.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

import msgspec
from fastapi import Header, Request
from sqlalchemy import (
    Column,
    DateTime,
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
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.responses import Response
from structlog import get_logger

from cchc_shared.http.problems import Problem

log = get_logger()

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x20-\x7e]+$",
        description="Chosen by the caller; the same key with the same body is done once",
    ),
]


class Reply(msgspec.Struct, frozen=True):
    """An answer that can be kept and given again."""

    status: int
    body: bytes
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)

    def response(self) -> Response:
        return Response(self.body, self.status, dict(self.headers), media_type="application/json")


def reply(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    """A reply whose body is JSON; pydantic models are given as they dump themselves."""
    dump = getattr(body, "model_dump_json", None)
    return Reply(status, msgspec.json.encode(body) if dump is None else dump().encode(), dict(headers or {}))


def idempotency_table(metadata: MetaData) -> Table:
    """The keys that were used, with what was answered. One in each service's schema."""
    return Table(
        "idempotency",
        metadata,
        Column("caller", Text, primary_key=True),
        Column("key", Text, primary_key=True),
        Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the request"),
        Column("status", SmallInteger),
        Column("headers", JSONB),
        Column("body", LargeBinary),
        Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True),
    )


async def request_digest(request: Request) -> bytes:
    """What makes two requests the same: method, path and body."""
    digest = hashlib.sha256(f"{request.method} {request.scope['path']}\n".encode())
    digest.update(await request.body())
    return digest.digest()


def reused() -> Problem:
    """422: the key stands for another request."""
    return Problem(
        422,
        "idempotency-key-reused",
        vi="Khóa Idempotency-Key này đã dùng cho một yêu cầu khác.",
        en="This Idempotency-Key was used for another request.",
    )


async def once(
    engine: AsyncEngine,
    table: Table,
    *,
    caller: str,
    key: str | None,
    digest: bytes,
    work: Callable[[AsyncConnection], Awaitable[Reply]],
) -> Reply:
    """Do `work` in one transaction, or repeat what was answered when this key was used before.

    `work` writes on the connection it is given and does not commit. A problem it raises undoes everything, the claim
    on the key included. Raises a 422 problem when the key stands for another request.
    """
    async with engine.begin() as conn:
        if key is None:
            return await work(conn)
        # A second request with the same key waits here until the first has committed or failed.
        claimed = await conn.execute(
            insert(table).values(caller=caller, key=key, digest=digest).on_conflict_do_nothing().returning(table.c.key)
        )
        if claimed.first() is None:
            return await _repeat(conn, table, caller, key, digest)
        answer = await work(conn)
        await conn.execute(
            update(table)
            .where(table.c.caller == caller, table.c.key == key)
            .values(status=answer.status, headers=dict(answer.headers), body=answer.body)
        )
        return answer


async def _repeat(conn: AsyncConnection, table: Table, caller: str, key: str, digest: bytes) -> Reply:
    row = (
        await conn.execute(
            select(table.c.digest, table.c.status, table.c.headers, table.c.body).where(
                table.c.caller == caller, table.c.key == key
            )
        )
    ).one()
    if row.digest != digest:
        raise reused()
    return Reply(row.status, row.body, row.headers)


KEPT_DAYS = 7
"""How long a repeated request is recognised: longer than any client tries again."""
_BETWEEN_SECONDS = 3600.0


@asynccontextmanager
async def forgetting(engine: AsyncEngine, table: Table) -> AsyncIterator[None]:
    """Forget old keys, once an hour, while the service runs."""

    async def forget() -> None:
        old = delete(table).where(table.c.created_at < func.now() - text(f"interval '{KEPT_DAYS} days'"))
        while True:
            try:
                async with engine.begin() as conn:
                    await conn.execute(old)
            except (SQLAlchemyError, OSError) as error:
                log.warning("old keys not forgotten", error=type(error).__name__)
            await asyncio.sleep(_BETWEEN_SECONDS)

    task = asyncio.create_task(forget())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
