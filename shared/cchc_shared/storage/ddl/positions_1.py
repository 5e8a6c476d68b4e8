"""How far a consumer or a relay has read, and which member reads what on the PostgreSQL transport."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, text


def create() -> None:
    """The tables `stream_position`, `stream_lease` and `stream_member`."""
    op.create_table(
        "stream_position",
        text("topic"),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", name="pk_stream_position"),
    )
    op.create_table(
        "stream_lease",
        text("topic"),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        text("owner", nullable=True),
        instant("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("topic", "partition", name="pk_stream_lease"),
    )
    op.create_table(
        "stream_member",
        text("member"),
        instant("expires_at"),
        sa.PrimaryKeyConstraint("member", name="pk_stream_member"),
    )


def drop() -> None:
    """Undo `create`."""
    for table in ("stream_member", "stream_lease", "stream_position"):
        op.drop_table(table)
