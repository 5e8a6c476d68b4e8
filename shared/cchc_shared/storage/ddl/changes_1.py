"""Lists by what has changed: the transaction of each row, and the history that transactions are of."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.changes import Xid8


def create_generation() -> None:
    """The table `list_generation` with its row."""
    op.create_table("list_generation", sa.Column("id", sa.Uuid(), primary_key=True))
    op.execute("INSERT INTO list_generation VALUES (gen_random_uuid())")


def drop_generation() -> None:
    """Undo `create_generation`."""
    op.drop_table("list_generation")


def place() -> sa.Column[Any]:
    """The column, in a new table."""
    return sa.Column("changed_in", Xid8, nullable=False, server_default=sa.text("pg_current_xact_id()"))


def add_place(table: str) -> None:
    """The column, in a table of any size: what is there already gets no transaction, and is not written anew."""
    op.execute(f"ALTER TABLE {table} ADD COLUMN changed_in xid8 NOT NULL DEFAULT '0'")
    op.execute(f"ALTER TABLE {table} ALTER COLUMN changed_in SET DEFAULT pg_current_xact_id()")
