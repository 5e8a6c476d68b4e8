"""Connections to PostgreSQL. Tables carry no schema name: each service's role has its own schema as search path."""

from sqlalchemy import MetaData, text
from sqlalchemy.exc import DBAPIError, InterfaceError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

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


def async_url(url: str) -> str:
    """The same address with the driver the services use; accepts what operators usually write."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL must be a postgresql:// address")
    return f"postgresql+asyncpg://{rest}"


def create_engine(url: str, *, pool_size: int = 8, application: str = "cchc", wait_seconds: float = 5) -> AsyncEngine:
    """A pool of `pool_size` connections; more callers wait, at most `wait_seconds`, instead of opening more."""
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
            "server_settings": {
                "application_name": application,
                "timezone": "UTC",
                "idle_in_transaction_session_timeout": "60s",
            },
        },
    )


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

    SQLSTATE classes 57P (operator intervention), 08 (connection) and 40 (transaction rollback).
    """
    if isinstance(error, OSError | InterfaceError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(("57P", "08", "40"))


def is_transient(error: BaseException) -> bool:
    """Whether the same work may well succeed later: lost connections, conflicts, no room, shutdown."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    # COPY goes past SQLAlchemy: its errors are the driver's own.
    state = str(getattr(getattr(error, "orig", error), "sqlstate", None) or "")
    return state.startswith(("08", "40", "53", "55", "57", "58")) or isinstance(error, OSError | TimeoutError)
