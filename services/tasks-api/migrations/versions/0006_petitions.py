"""The voters' petition that a task comes from."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("petition", sa.Text(), comment="The voters' petition that it comes from"))


def downgrade() -> None:
    op.drop_column("tasks", "petition")
