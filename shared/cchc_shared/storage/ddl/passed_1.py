"""How far a consumer or a relay has read, shown to the producers: they keep what somebody has still to read."""

from alembic import op


def create() -> None:
    """The view `stream_passed`."""
    op.execute("CREATE VIEW stream_passed AS SELECT topic, partition, major, minor FROM stream_position")
    op.execute("GRANT SELECT ON stream_passed TO stream_producer")


def drop() -> None:
    """Undo `create`."""
    op.execute("DROP VIEW stream_passed")
