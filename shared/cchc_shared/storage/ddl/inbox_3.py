"""A parked row names its event, a version its event's id, and an operator's act what it gave up."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

_REASONS = "'malformed', 'failed', 'gap', 'behind'"
_PLACE = ["topic", "partition", "major", "minor"]


def upgrade() -> None:
    """Add the columns, and widen what is checked and unique."""
    op.add_column("stream_version", sa.Column("last_id", sa.Uuid(), nullable=True, comment=_LAST_ID))
    op.add_column("parked_event_audit", sa.Column("first_version", sa.Integer(), nullable=True, comment=_FIRST))
    op.add_column("parked_event_audit", sa.Column("last_version", sa.Integer(), nullable=True))
    op.add_column("parked_event_audit", sa.Column("place", postgresql.JSONB(), nullable=True, comment=_WHERE))
    op.create_index("ix_parked_event_audit_aggregate", "parked_event_audit", ["aggregate"])
    _replace_check(_OLD_CHECK, "ck_parked_event_reason", f"{_REASONS}, 'conflict'")
    _drop_constraint("uq_parked_event_topic_partition_major_minor")
    op.create_unique_constraint(
        "uq_parked_event_place_and_event",
        "parked_event",
        [*_PLACE, "aggregate", "version"],
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    """Undo `upgrade`; conflicts, which the version before could not tell, are gone."""
    op.execute("DELETE FROM parked_event WHERE reason = 'conflict'")
    _drop_constraint("uq_parked_event_place_and_event")
    op.create_unique_constraint("uq_parked_event_topic_partition_major_minor", "parked_event", _PLACE)
    _replace_check("ck_parked_event_reason", _OLD_CHECK, _REASONS)
    op.drop_index("ix_parked_event_audit_aggregate", "parked_event_audit")
    for column in ("place", "last_version", "first_version"):
        op.drop_column("parked_event_audit", column)
    op.drop_column("stream_version", "last_id")


def _drop_constraint(name: str) -> None:
    """A wider one follows at once; the only client of the table is its own service."""
    op.execute(f"-- squawk-ignore ban-drop-constraint\nALTER TABLE parked_event DROP CONSTRAINT {name}")


def _replace_check(old: str, new: str, reasons: str) -> None:
    _drop_constraint(old)
    op.execute(f"ALTER TABLE parked_event ADD CONSTRAINT {new} CHECK (reason IN ({reasons}))")


# The naming convention put its prefix before the name that version 1 gave, which had it already.
_OLD_CHECK = "ck_parked_event_ck_parked_event_reason"
_LAST_ID = "Of the event of that version; empty if the version was given up"
_FIRST = "Of the versions that need not come any more"
_WHERE = "Topic, partition and position of a record without version that was given up"
