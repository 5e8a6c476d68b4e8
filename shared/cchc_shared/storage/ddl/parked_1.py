"""What a relay has parked, shown to the producers: their APIs outlive it, and say how much of theirs waits."""

from alembic import op


def create() -> None:
    """The view `stream_parked`; it shows nothing of an event but why it waits."""
    op.execute("CREATE VIEW stream_parked AS SELECT reason, resolution FROM parked_event")
    op.execute("GRANT SELECT ON stream_parked TO stream_producer")


def drop() -> None:
    """Undo `create`."""
    op.execute("DROP VIEW stream_parked")
