"""Duties that count in an earlier month than they fall due in."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

COMMENT = "First day of the local month it falls due in, where it counts in an earlier one"


def upgrade() -> None:
    op.add_column("duty", sa.Column("due_month", sa.Date, comment=COMMENT))


def downgrade() -> None:
    op.drop_column("duty", "due_month")
