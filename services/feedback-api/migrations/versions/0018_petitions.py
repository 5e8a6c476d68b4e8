"""The task that a voters' petition became."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.add_column("feedback", sa.Column("task", sa.Text(), comment="The task that a voters' petition became"))
    op.add_column("feedback_history", sa.Column("task", sa.Text()))


def downgrade() -> None:
    op.drop_column("feedback_history", "task")
    op.drop_column("feedback", "task")
