"""A service's copy of the directory of units."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import integer, text


def create() -> None:
    """The table `units`."""
    op.create_table(
        "units",
        text("subject"),
        integer("version"),
        text("code"),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        text("name", server_default=sa.text("''")),
        text("kind", nullable=True),
        sa.Column("successors", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_units"),
    )


def drop() -> None:
    """Undo `create`."""
    op.drop_table("units")
