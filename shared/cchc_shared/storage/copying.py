"""Many new rows of one table at once: COPY costs the server half of what an INSERT from a record set does."""

from collections.abc import Iterable, Sequence
from typing import Any

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection


async def copy(conn: AsyncConnection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Add rows in the caller's transaction, which has begun with a statement before.

    Raises `DBAPIError`, as a statement does: nothing of the rows is then kept, nor of the transaction.
    """
    raw = await conn.get_raw_connection()
    driver: asyncpg.Connection[asyncpg.Record] = raw.driver_connection
    try:
        await driver.copy_records_to_table(table, records=rows, columns=list(columns))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        broken = driver.is_closed()
        if broken:
            await conn.invalidate()
        raise DBAPIError(None, None, error, hide_parameters=True, connection_invalidated=broken) from error
