"""Numbers that no event brings, and how much of a score rests on data."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "indicator_value",
        sa.Column("unit", sa.Text, primary_key=True),
        sa.Column("period", sa.Text, primary_key=True, comment="2024, 2024-H1, 2024-Q2 or 2024-05"),
        sa.Column("indicator", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("numerator", sa.Numeric),
        sa.Column("denominator", sa.Numeric),
        sa.Column("value", sa.Numeric, comment="A share or an amount, where there is no numerator"),
        sa.Column("applicable", sa.Boolean, nullable=False, comment="Whether the indicator is one for the unit at all"),
        sa.Column("evidence", sa.Text, comment="Where it was read, or how it was reckoned"),
        sa.Column("given_by", sa.Text, nullable=False),
        instant("recorded_at"),
        instant("superseded_at", nullable=True, comment="When the next version came; empty: it holds"),
    )
    op.create_index(
        "ix_indicator_value_period",
        "indicator_value",
        ["period", "unit"],
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.add_column(
        "score", sa.Column("coverage", sa.Numeric, comment="Share of the points that apply which rest on data")
    )


def downgrade() -> None:
    op.drop_column("score", "coverage")
    op.drop_table("indicator_value")
