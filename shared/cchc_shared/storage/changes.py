"""What has changed in a list, by the transaction that changed it: nothing is passed over, whichever commits first.

The id of a transaction is taken before its commit, so a reader ends before the oldest that still runs, as the readers
of the outbox do (decision 0002). Whatever lies before that has been committed, and nothing is added there any more.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    FetchedValue,
    MetaData,
    Table,
    Text,
    Uuid,
    and_,
    cast,
    func,
    literal,
    literal_column,
    select,
    text,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import UserDefinedType

BEFORE_ALL: Final = -1
"""In the place of a transaction: before every change."""


class Xid8(UserDefinedType[int]):
    """The id of a transaction, which never comes again."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """The name of the type in the database."""
        return "xid8"


def changed_in() -> Column[int]:
    """The column of a listed row that names the transaction that changed it last; a trigger keeps it."""
    return Column("changed_in", Xid8, FetchedValue(), nullable=False, server_default=text("pg_current_xact_id()"))


def generation_table(metadata: MetaData) -> Table:
    """One row: another one after each restore, because places are those of the history that was restored."""
    return Table("list_generation", metadata, Column("id", Uuid, primary_key=True))


# Every service has the table under the same name in its own search path.
_generation = generation_table(MetaData())


async def generation(conn: AsyncConnection) -> str:
    """The history that places are places in. A server that has taken the place of another continues another one."""
    timeline: ColumnElement[int] = literal_column("(SELECT timeline_id FROM pg_control_checkpoint())")
    found, server = (await conn.execute(select(_generation.c.id, timeline))).one()
    return f"{found.hex}.{server}"


def number(column: ColumnElement[int]) -> ColumnElement[int]:
    """The id of the transaction as a number."""
    return cast(cast(column, Text), BigInteger)


def after(place: tuple[int, str | int], changed: ColumnElement[int], key: ColumnElement[Any]) -> ColumnElement[bool]:
    """The changes that follow a place, as far as every transaction has ended by now.

    A place is a transaction, and the key of the last row of it that is known.
    """
    transaction, last = place
    finished: ColumnElement[bool] = changed.op("<", return_type=Boolean())(
        func.pg_snapshot_xmin(func.pg_current_snapshot())
    )
    if transaction == BEFORE_ALL:
        return finished
    here = tuple_(cast(literal(str(transaction), Text), Xid8), literal(last, key.type))
    return and_(tuple_(changed, key) > here, finished)
