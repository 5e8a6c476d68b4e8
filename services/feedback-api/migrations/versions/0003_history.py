"""History in the shape of every service: when it was written down, and what was given with the action."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("feedback_history", instant("recorded_at", nullable=True))
    op.add_column(
        "feedback_history",
        sa.Column("details", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    # Until now lines were written down when they happened, except the receipt of a report that was delivered late: the
    # report itself says when that was.
    op.execute("ALTER TABLE feedback_history DISABLE TRIGGER append_only")
    op.execute(
        """UPDATE feedback_history AS h SET recorded_at = coalesce(
               (SELECT f.recorded_at FROM feedback AS f WHERE f.code = h.code AND h.version = 1), h.at)"""
    )
    op.execute("ALTER TABLE feedback_history ENABLE TRIGGER append_only")
    op.alter_column("feedback_history", "recorded_at", nullable=False)


def downgrade() -> None:
    op.drop_column("feedback_history", "details")
    op.drop_column("feedback_history", "recorded_at")
