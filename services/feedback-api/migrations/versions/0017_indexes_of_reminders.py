"""Indexes of reminders and parts, made while reports come in; reports that are still open are looked at once."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

INDEXES = {"ix_feedback_remind_at": "remind_at", "ix_feedback_part_of": "part_of"}


def upgrade() -> None:
    with op.get_context().autocommit_block():
        for name, column in INDEXES.items():
            op.create_index(
                name,
                "feedback",
                [column],
                postgresql_where=sa.text(f"{column} IS NOT NULL"),
                postgresql_concurrently=True,
                if_not_exists=True,
            )
        op.execute(
            "UPDATE feedback SET remind_at = now() WHERE answered_at IS NULL AND ended_at IS NULL AND remind_at IS NULL"
        )


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, "feedback")
