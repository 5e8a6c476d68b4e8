"""Runs every Alembic history of this system; an `env.py` is one call of `run`."""

import asyncio

from alembic import context
from sqlalchemy import Connection, MetaData, pool, text
from sqlalchemy.ext.asyncio import create_async_engine

from cchc_shared.storage.address import async_url
from cchc_shared.storage.database import MIGRATING, bounding


def run(metadata: MetaData) -> None:
    """Run the history whose `env.py` calls this, on `sqlalchemy.url`, with the role that owns the schema."""

    def migrate(connection: Connection) -> None:
        # Partitions come and go while the service runs; models know the table that they are parts of.
        partitions = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition")))
        connection.rollback()  # each migration begins its own transaction, or none
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=True,
            compare_server_default=True,
            transaction_per_migration=True,  # what went before stands, should one be broken off
            include_name=lambda name, kind, _: kind != "table" or name not in partitions,
        )
        with context.begin_transaction():
            context.run_migrations()

    async def connect() -> None:
        url = context.config.get_main_option("sqlalchemy.url")
        if url is None:
            raise SystemExit("sqlalchemy.url is not set")
        engine = create_async_engine(async_url(url), poolclass=pool.NullPool, connect_args=bounding(MIGRATING))
        async with engine.connect() as connection:
            await connection.run_sync(migrate)
            await connection.commit()
        await engine.dispose()

    asyncio.run(connect())
