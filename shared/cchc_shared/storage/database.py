"""Connections to PostgreSQL. Tables carry no schema name: each service's role has its own schema as search path."""

from dataclasses import dataclass

from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

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
    """Timeouts, in seconds, of the connections of one kind of process; None means no limit.

    The client gives up a statement after `command` (its connection may be dead), the server after `statement` (its
    client may be dead). A session that falls silent inside a transaction is ended after `idle`: it holds locks, and as
    soon as it has written, readers of every outbox of the server see nothing that came later.
    """

    command: float | None = None
    statement: float | None = None
    lock: float | None = None
    idle: float = 60


ANSWERING = Bounds(command=10, statement=10, lock=8, idle=10)
"""A caller waits: an error in time is better than an answer that nobody is there to hear."""
CONSUMING = Bounds(command=25, statement=20, lock=10, idle=5)
"""Others wait for the rows that a batch has locked. A worker waits inside a transaction for PostgreSQL alone."""
PUBLISHING = Bounds(command=25, statement=20, lock=10, idle=15)
"""The relay waits for Kafka inside its transaction: no longer than `SEND_SECONDS` and `CLOSE_SECONDS` of its sink."""
UNBOUNDED = Bounds()
"""Migrations, seeds and rebuilds take as long as they take."""


def create_engine(
    url: str,
    *,
    pool_size: int = POOL_SIZE,
    application: str = "cchc",
    wait_seconds: float = 5,
    bounds: Bounds = UNBOUNDED,
) -> AsyncEngine:
    """A pool of `pool_size` connections; more callers wait, at most `wait_seconds`, instead of opening more."""
    bounded = {"statement_timeout": bounds.statement, "lock_timeout": bounds.lock}
    return create_async_engine(
        async_url(url),
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=wait_seconds,
        pool_pre_ping=False,
        pool_recycle=1800,
        hide_parameters=True,  # an error that is logged must not carry a citizen's words
        connect_args={
            "timeout": wait_seconds,
            "command_timeout": bounds.command,
            "server_settings": {
                "application_name": application,
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": _milliseconds(bounds.idle),
                **{name: _milliseconds(seconds) for name, seconds in bounded.items() if seconds is not None},
            },
        },
    )


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
    return error.connection_invalidated or _state(error).startswith(("57", "08", "40", "53", "55P03", "58"))


def is_lock_timeout(error: BaseException) -> bool:
    """Whether a lock did not come in time."""
    return _state(error) == "55P03"


def is_transient(error: BaseException) -> bool:
    """Whether the same work may well succeed later: lost connections, conflicts, no room, shutdown."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return _state(error).startswith(("08", "40", "53", "55", "57", "58")) or isinstance(error, OSError | TimeoutError)


def is_systemic(error: BaseException) -> bool:
    """Whether the database is not as this program expects it, whatever the data: then no event is to blame.

    SQLSTATE classes 28 (authorization), 3D and 3F (no such database or schema), 42 (no right, no such table or column),
    XX (the server's own fault).
    """
    return _state(error).startswith(("28", "3D", "3F", "42", "XX"))


def _state(error: BaseException) -> str:
    """The SQLSTATE; empty if there is none. COPY goes past SQLAlchemy: its errors are the driver's own."""
    return str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")
