"""The catalogue of procedures: decisions, what they say, and the work inside."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create their tables."""
    op.create_table(
        "procedure_decision",
        text("number"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        text("unit", comment="Which prepared it"),
        instant("recorded_at"),
        text("recorded_by", comment="Subject of the token of who recorded it"),
        sa.PrimaryKeyConstraint("number", name="pk_procedure_decision"),
    )
    op.create_table(
        "procedure_entry",
        text("procedure"),
        sa.Column("effective_on", sa.Date(), nullable=False),
        integer("number", comment="Of the decisions of one day, the later one holds"),
        integer("version", comment="Of the last event"),
        text("decision"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        text("unit"),
        text("change"),
        text("name", nullable=True, comment="Empty, as all that follows, of an abolition"),
        text("field", nullable=True),
        text("field_name", nullable=True),
        sa.Column("levels", ARRAY(sa.Text()), nullable=False),
        integer("working_days", nullable=True),
        integer("working_hours", nullable=True),
        instant("disclosed_at", nullable=True),
        instant("complete_at", nullable=True),
        sa.PrimaryKeyConstraint("procedure", "effective_on", "number", name="pk_procedure_entry"),
    )
    op.create_index("ix_procedure_entry_decision", "procedure_entry", ["decision"])
    op.create_table(
        "procedure_process",
        text("procedure"),
        sa.Column("effective_on", sa.Date(), nullable=False),
        integer("number", comment="Of the decisions of one day, the later one holds"),
        text("decision"),
        sa.Column("steps", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("procedure", "effective_on", "number", name="pk_procedure_process"),
    )
    op.create_index("ix_procedure_process_decision", "procedure_process", ["decision"])


def downgrade() -> None:
    """Drop them."""
    for name in ("procedure_process", "procedure_entry", "procedure_decision"):
        op.drop_table(name)
