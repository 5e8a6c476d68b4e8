"""Indexes for what is still to be answered, and for duties that ended unmet; made while reports come in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_feedback_history_missed",
            "feedback_history",
            ["missed_by", "code"],
            postgresql_where=sa.text("missed_by IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.create_index(
            "ix_feedback_unanswered",
            "feedback",
            ["received_at", "code"],
            postgresql_where=sa.text("answered_at IS NULL AND ended_at IS NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.drop_index("ix_feedback_open", "feedback", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    op.create_index(
        "ix_feedback_open", "feedback", ["received_at", "code"], postgresql_where=sa.text("answered_at IS NULL")
    )
    op.drop_index("ix_feedback_unanswered", "feedback")
    op.drop_index("ix_feedback_history_missed", "feedback_history")
