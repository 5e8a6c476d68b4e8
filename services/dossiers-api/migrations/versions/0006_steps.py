"""Progress rows, and the steps that follow from them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create their tables."""
    op.create_table(
        "dossier_progress",
        text("code"),
        instant("started_at"),
        text("office"),
        instant("at"),
        sa.Column("content", JSONB(), nullable=False, comment="All that it said, without any personal field"),
        text("sent_by", comment="Subject of the system's token"),
        instant("recorded_at"),
        sa.PrimaryKeyConstraint("code", "started_at", "office", "at", name="pk_dossier_progress"),
    )
    op.create_table(
        "dossier_step",
        text("code"),
        integer("number"),
        integer("version", comment="Of the last event"),
        instant("started_at"),
        text("office"),
        text("unit", comment="Whose step it is"),
        instant("due_at", nullable=True, comment="Empty: not known"),
        instant("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("code", "number", name="pk_dossier_step"),
    )
    op.create_index("ix_dossier_step_unit", "dossier_step", ["unit", "started_at"])


def downgrade() -> None:
    """Drop them."""
    op.drop_table("dossier_step")
    op.drop_table("dossier_progress")
