"""Heads of units by period, and the runs that move open work to the heirs of units that ended.

What is there is not locked for long.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cchc_shared.storage.ddl.columns import instant, text

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    _create_heads()
    _create_runs()
    _create_outcomes()
    _keep_last_days()


def downgrade() -> None:
    op.drop_column("recommendation_history", "due_at")
    for table in ("reassignment_outcomes", "reassignments", "unit_heads"):
        op.drop_table(table)


def _keep_last_days() -> None:
    """Until now the last day of a recommendation never moved. There are some thousands in a year."""
    op.add_column(
        "recommendation_history",
        instant("due_at", nullable=True, comment="null: an older process wrote it, and it is still the same"),
    )
    op.execute("ALTER TABLE recommendation_history DISABLE TRIGGER append_only")
    op.execute(
        """UPDATE recommendation_history SET due_at = recommendations.due_at FROM recommendations
           WHERE recommendations.id = recommendation_history.recommendation_id"""
    )
    op.execute("ALTER TABLE recommendation_history ENABLE TRIGGER append_only")


def _create_heads() -> None:
    op.create_table(
        "unit_heads",
        text("unit"),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="inclusive; infinity: until further notice"),
        text("name"),
        text("office", comment="what the head was appointed to"),
        sa.PrimaryKeyConstraint("unit", "valid_from", name="pk_unit_heads"),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck_unit_heads_period")),
        comment="Who headed a unit in which period. Names leave this service in answers to staff alone",
    )
    # Equality of a text in such an index needs an extension, and so the right to create one: the hash stands for it.
    op.execute(
        """ALTER TABLE unit_heads ADD CONSTRAINT one_head_at_a_time EXCLUDE USING gist (
             int8range(hashtextextended(unit, 0), hashtextextended(unit, 0), '[]') WITH &&,
             daterange(valid_from, valid_to, '[]') WITH &&)"""
    )


def _create_runs() -> None:
    op.create_table(
        "reassignments",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("document_no", comment="of the legal document"),
        text("reason"),
        sa.Column("rows", JSONB(), nullable=False),
        instant("started_at"),
        text("started_by"),
        text("role"),
        instant("finished_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reassignments"),
        comment="Runs that move open work to the heirs of units that ended",
    )
    op.create_index(
        "ix_reassignments_unfinished",
        "reassignments",
        [sa.text("(finished_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("finished_at IS NULL"),
    )


def _create_outcomes() -> None:
    op.create_table(
        "reassignment_outcomes",
        sa.Column("reassignment_id", sa.BigInteger(), nullable=False),
        *(text(name) for name in ("work", "code", "seat", "from_unit")),
        sa.Column("from_until", sa.Date(), nullable=False, comment="last day of the unit that ended"),
        text("to_unit", nullable=True, comment="null: it waits"),
        text("why", nullable=True, comment="why it waits"),
        sa.PrimaryKeyConstraint("reassignment_id", "work", "code", "seat", name="pk_reassignment_outcomes"),
        sa.ForeignKeyConstraint(
            ["reassignment_id"], ["reassignments.id"], name="fk_reassignment_outcomes_reassignment_id_reassignments"
        ),
        comment="What a run did with each piece of work: moved with its event, or left waiting",
    )
    op.create_index(
        "ix_reassignment_outcomes_nobody",
        "reassignment_outcomes",
        ["work", "code", "seat"],
        postgresql_where=sa.text("why = 'nobody_named'"),
    )
