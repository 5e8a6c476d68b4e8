"""What has changed since clients of Open311 asked; the index is made while reports come in."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_feedback_history_recorded_at",
            "feedback_history",
            ["recorded_at", "code", "version"],
            postgresql_where=sa.text("version > 1"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_feedback_history_recorded_at", "feedback_history")
