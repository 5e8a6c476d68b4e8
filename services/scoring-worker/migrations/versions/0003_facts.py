"""Occurrences get a table of their own, deadlines become half-open, and counts are called what they are."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0003"
down_revision = "0002"

_MOVED = "aggregate, measure, {version}, code, unit, month, {at}, recorded_at"
_OF_DUTY = _MOVED.format(version="opened_version", at="opened_at")
_OF_OCCURRENCE = _MOVED.format(version="version", at="occurred_at")


def upgrade() -> None:
    op.create_table(
        "occurrence",
        text("aggregate", comment="Aggregate type and id"),
        text("measure"),
        integer("version", comment="Version of the event that it is"),
        text("code"),
        text("unit"),
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the local month it counts in"),
        instant("occurred_at"),
        instant("recorded_at", comment="When the producer wrote it down"),
        sa.PrimaryKeyConstraint("aggregate", "measure", "version", name="pk_occurrence"),
    )
    op.create_index("ix_occurrence_month_unit", "occurrence", ["month", "unit"])
    op.execute(f"INSERT INTO occurrence ({_OF_OCCURRENCE}) SELECT {_OF_DUTY} FROM duty WHERE due_at IS NULL")
    op.execute("DELETE FROM duty WHERE due_at IS NULL")
    # What was stored of a task's deadline was the last instant in time, one microsecond before it.
    op.execute("UPDATE duty SET due_at = due_at + interval '1 microsecond' WHERE measure = 'task.completion'")
    op.alter_column("duty", "due_at", nullable=False)
    op.execute("COMMENT ON COLUMN duty.due_at IS 'First instant at which it is late'")
    _rename_counts("indicator_count", "unit_count", "Measure → state → number of facts; no zeros")


def downgrade() -> None:
    _rename_counts("unit_count", "indicator_count", "Measure → state → number of duties; no zeros")
    op.alter_column("duty", "due_at", nullable=True)
    op.execute("COMMENT ON COLUMN duty.due_at IS 'Empty for an occurrence'")
    op.execute("UPDATE duty SET due_at = due_at - interval '1 microsecond' WHERE measure = 'task.completion'")
    op.execute(f"INSERT INTO duty ({_OF_DUTY}, counted) SELECT {_OF_OCCURRENCE}, 'happened' FROM occurrence")
    op.drop_table("occurrence")


def _rename_counts(old: str, new: str, comment: str) -> None:
    op.rename_table(old, new)
    op.execute(f"ALTER TABLE {new} RENAME CONSTRAINT pk_{old} TO pk_{new}")
    op.execute(f"COMMENT ON COLUMN {new}.counts IS '{comment}'")
