"""What may be told live."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "live_event",
        sa.Column("place", sa.BigInteger(), sa.Identity(), nullable=False, comment="In the order of commits"),
        sa.Column("event_id", sa.Uuid(), nullable=False, comment="By which readers say how far they have come"),
        text("type"),
        text("thing"),
        text("subject"),
        integer("version"),
        sa.Column("units", postgresql.ARRAY(sa.Text()), nullable=False, comment="The units concerned"),
        instant("occurred_at"),
        instant("recorded_at"),
        instant("made_at"),
        sa.PrimaryKeyConstraint("place", name="pk_live_event"),
        sa.UniqueConstraint("event_id", name="uq_live_event_event_id"),
    )
    op.create_index("ix_live_event_made_at", "live_event", ["made_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("live_event")
