"""Whether events are there that this server cannot have written: readers are shown none of those."""

from alembic import op

# Months that have ended lie below that bound: PostgreSQL opens none of them.
CREATE_AHEAD = (
    """CREATE VIEW outbox_ahead AS
       SELECT EXISTS (SELECT FROM outbox WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())) AS ahead""",
    "GRANT SELECT ON outbox_ahead TO stream_reader",
)


def upgrade() -> None:
    """The view `outbox_ahead`, of one row."""
    for statement in CREATE_AHEAD:
        op.execute(statement)


def downgrade() -> None:
    """Undo `upgrade`."""
    op.execute("DROP VIEW outbox_ahead")
