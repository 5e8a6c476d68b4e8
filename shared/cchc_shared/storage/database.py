"""Connections to PostgreSQL. Tables carry no schema name: each service's role has its own schema as search path."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, ConnectionPoolEntry

from cchc_shared.storage.address import async_url
from cchc_shared.storage.pools import POOL_SIZE

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def metadata() -> MetaData:
    """A service's tables, with constraint names that migrations can rely on."""
    return MetaData(naming_convention=NAMING)


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long, in seconds, the connections of one kind of process may wait: none waits for ever.

    The client gives up a statement after `command` (its connection may be dead), the server after `statement` (its
    client may be dead). A session that falls silent inside a transaction is ended after `idle`: it holds locks, and as
    soon as it has written, readers of every outbox of the server see nothing that came later.
    """

    command: float
    statement: float
    lock: float
    idle: float


ANSWERING = Bounds(command=10, statement=10, lock=8, idle=10)
"""A caller waits: an error in time is better than an answer that nobody is there to hear.

Where the connection is dead he waits two seconds more: so long the driver's dialect takes to close it.
"""
CONSUMING = Bounds(command=25, statement=20, lock=10, idle=5)
"""Others wait for the rows that a batch has locked. A worker waits inside a transaction for PostgreSQL alone."""
PUBLISHING = Bounds(command=25, statement=20, lock=10, idle=15)
"""The relay waits for Kafka inside its transaction: no longer than `SEND_SECONDS` and `CLOSE_SECONDS` of its sink."""
COMMANDING = Bounds(command=3660, statement=3600, lock=60, idle=60)
"""Seeds, rebuilds and an operator's commands: one statement may go through all that ten years have left."""
MIGRATING = Bounds(command=24 * 3600 + 60, statement=24 * 3600, lock=5, idle=60)
"""A migration may write a whole table anew. One that waits for a lock blocks every request behind it."""

CONNECT_SECONDS = 10.0
"""How long a new connection may take: a machine that stands still for some seconds is no database that is away."""


MOST_WAITING: Final = 64
"""Requests that wait for a connection: eight rounds of a pool. Who came later would wait longer than it is worth."""


class ShortQueue(AsyncAdaptedQueuePool):
    """A pool that refuses whom it could give a connection too late: with `TimeoutError`, as if the wait were over."""

    _waiting = 0

    def _do_get(self) -> ConnectionPoolEntry:
        if self._waiting >= MOST_WAITING:
            raise PoolTimeout("too many wait for a connection")
        self._waiting += 1
        try:
            return super()._do_get()
        finally:
            self._waiting -= 1


def create_engine(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    application: str = "cchc",
    wait_seconds: float = 5,
    bounds: Bounds = COMMANDING,
) -> AsyncEngine:
    """A pool of `pool_size` connections; more callers wait, at most `wait_seconds`, instead of opening more."""
    return create_async_engine(
        async_url(url),
        pool_size=pool_size,
        poolclass=ShortQueue if bounds is ANSWERING else AsyncAdaptedQueuePool,
        max_overflow=0,
        pool_timeout=wait_seconds,
        pool_pre_ping=False,
        pool_recycle=1800,
        hide_parameters=True,  # an error that is logged must not carry a citizen's words
        connect_args={
            "timeout": CONNECT_SECONDS,
            **bounding(bounds, application_name=application, timezone="UTC"),
        },
    )


def bounding(bounds: Bounds, **server_settings: str) -> dict[str, Any]:
    """What asyncpg is told, so that no wait on the connection is longer than that."""
    return {
        "command_timeout": bounds.command,
        "server_settings": server_settings
        | {
            "statement_timeout": _milliseconds(bounds.statement),
            "lock_timeout": _milliseconds(bounds.lock),
            "idle_in_transaction_session_timeout": _milliseconds(bounds.idle),
        },
    }


def _milliseconds(seconds: float) -> str:
    return f"{int(seconds * 1000)}ms"


async def is_ready(engine: AsyncEngine) -> bool:
    """Whether the database answers, with this service's tables in place."""
    try:
        async with engine.connect() as conn:
            await conn.execute(text("SELECT 1 FROM alembic_version"))
    except (SQLAlchemyError, OSError):
        return False
    return True


def is_unavailable(error: Exception) -> bool:
    """Whether the server cannot be reached, is going down or coming up, or asks to try again.

    SQLSTATE classes 57 (operator intervention, a statement that took too long), 08 (connection), 40 (transaction
    rollback), 53 and 58 (no room, a disk that fails) and 55P03 (a lock that did not come in time).
    """
    if isinstance(error, OSError | InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    return error.connection_invalidated or sqlstate(error).startswith(("57", "08", "40", "53", "55P03", "58"))


def is_lock_timeout(error: BaseException) -> bool:
    """Whether a lock did not come in time."""
    return sqlstate(error) == "55P03"


def is_too_long(error: BaseException) -> bool:
    """Whether a statement came to its bound, on the server (SQLSTATE 57014) or on this side of the connection."""
    return sqlstate(error) == "57014" or isinstance(error, TimeoutError)


def is_transient(error: BaseException) -> bool:
    """Whether the same work may well succeed later: lost connections, conflicts, no room, shutdown."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return sqlstate(error).startswith(("08", "40", "53", "55", "57", "58")) or isinstance(error, OSError | TimeoutError)


def is_systemic(error: BaseException) -> bool:
    """Whether the database is not as this program expects it, whatever the data: then no event is to blame.

    SQLSTATE classes 28 (authorization), 3D and 3F (no such database or schema), 42 (no right, no such table or column),
    XX (the server's own fault).
    """
    return sqlstate(error).startswith(("28", "3D", "3F", "42", "XX"))


def sqlstate(error: BaseException) -> str:
    """The SQLSTATE; empty if there is none. COPY goes past SQLAlchemy: its errors are the driver's own."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")
