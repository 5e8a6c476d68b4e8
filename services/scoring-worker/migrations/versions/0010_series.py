"""Indices that others publish of whole provinces."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.create_table(
        "series_year",
        text("code", primary_key=True),
        integer("year", primary_key=True),
        integer("version", primary_key=True),
        sa.Column("document", JSONB, nullable=False, comment="The whole table of the year"),
        text("given_by"),
        instant("recorded_at"),
    )


def downgrade() -> None:
    op.drop_table("series_year")
