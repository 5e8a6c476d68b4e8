"""A producer's log of events, and the view that is all others may read of it."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, integer, text


class _Xid8(sa.types.UserDefinedType[int]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


CREATE_FEED = (
    """CREATE VIEW outbox_feed AS
       SELECT partition, xid, seq, id, aggregatetype, aggregateid, aggregateversion, type, occurred_at, recorded_at,
              traceparent, payload
       FROM outbox WHERE xid < pg_snapshot_xmin(pg_current_snapshot())""",
    "GRANT SELECT ON outbox_feed TO stream_reader",
)


def create() -> None:
    """The table `outbox` and the view `outbox_feed`."""
    op.create_table(
        "outbox",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("xid", _Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        text("aggregatetype"),
        text("aggregateid"),
        integer("aggregateversion"),
        text("type"),
        instant("occurred_at"),
        instant("recorded_at"),
        text("traceparent", nullable=True),
        sa.Column("payload", postgresql.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "xid", "seq", name="pk_outbox"),
    )
    for statement in CREATE_FEED:
        op.execute(statement)


def drop() -> None:
    """Undo `create`."""
    op.execute("DROP VIEW outbox_feed")
    op.drop_table("outbox")
