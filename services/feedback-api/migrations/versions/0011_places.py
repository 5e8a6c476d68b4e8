"""The copy of the directory knows names, kinds and successors: a report may name a unit that is gone.

Rows that are there get them from the log of events, by `python -m feedback_api.rebuild --swap`.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column("units", sa.Column("name", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("units", sa.Column("kind", sa.Text()))
    op.add_column(
        "units",
        sa.Column("successors", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )


def downgrade() -> None:
    for name in ("successors", "kind", "name"):
        op.drop_column("units", name)
