"""Open311: what its forms hold, and the remarks that its clients pass on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, text

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.add_column(
        "feedback",
        sa.Column("form", postgresql.JSONB(), comment="What the form of its channel held beyond what every report has"),
    )
    op.create_table(
        "feedback_remark",
        text("sent_by"),
        text("update_id"),
        text("code"),
        text("status"),
        text("description"),
        sa.Column("media_urls", postgresql.ARRAY(sa.Text()), nullable=False),
        instant("at"),
        instant("recorded_at"),
        sa.PrimaryKeyConstraint("sent_by", "update_id", name="pk_feedback_remark"),
    )
    op.create_index("ix_feedback_remark_code", "feedback_remark", ["code", "recorded_at"])


def downgrade() -> None:
    op.drop_table("feedback_remark")
    op.drop_column("feedback", "form")
