"""Brings the tables of the tasks service to the state its models describe; the address is `sqlalchemy.url`."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from cchc_shared.database import async_url
from tasks_api.models import METADATA


def run(connection: Connection) -> None:
    # Waiting for a lock would make every reader behind us wait too: rather fail and be tried again.
    connection.execute(text("SET lock_timeout = '5s'"))
    context.configure(connection=connection, target_metadata=METADATA, compare_type=True, compare_server_default=True)
    with context.begin_transaction():
        context.run_migrations()


async def online() -> None:
    engine = create_async_engine(
        async_url(context.config.get_main_option("sqlalchemy.url", "")), poolclass=pool.NullPool
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
        await connection.commit()
    await engine.dispose()


asyncio.run(online())
