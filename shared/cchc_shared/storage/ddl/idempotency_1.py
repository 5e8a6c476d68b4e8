"""The keys of requests, with what was answered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, text


def create() -> None:
    """The table `idempotency`."""
    op.create_table(
        "idempotency",
        text("caller"),
        text("key"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the request"),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("headers", postgresql.JSONB()),
        sa.Column("body", sa.LargeBinary()),
        instant("created_at", server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])


def drop() -> None:
    """Undo `create`."""
    op.drop_table("idempotency")
