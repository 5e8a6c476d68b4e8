"""Answers that were given again, and standard replies; the index is made while reports come in."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    # First what commits at once: a migration that was stopped begins anew.
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_feedback_answer",
            "feedback",
            ["answer"],
            postgresql_using="hash",
            postgresql_where=sa.text("answer IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
    op.create_table(
        "standard_reply",
        sa.Column("id", sa.Uuid(), nullable=False),
        integer("version"),
        text("unit", nullable=True, comment="Whose it is; null: every unit's"),
        text("kind", nullable=True),
        text("category", nullable=True),
        text("title"),
        text("text"),
        sa.Column("retired", sa.Boolean(), nullable=False),
        text("actor"),
        text("role"),
        instant("at"),
        sa.PrimaryKeyConstraint("id", "version", name="pk_standard_reply"),
    )


def downgrade() -> None:
    op.drop_index("ix_feedback_answer", "feedback")
    op.drop_table("standard_reply")
