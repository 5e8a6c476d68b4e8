"""Which event of each aggregate took effect last, and the events that could not."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, integer, text


def create() -> None:
    """The tables `stream_version`, `parked_event` and `parked_event_audit`."""
    op.create_table(
        "stream_version",
        text("aggregate", comment="Aggregate type and id"),
        integer("version", comment="Of the last event that took effect"),
        text("held", nullable=True, comment="Why later events of this aggregate park: gap or poison"),
        sa.Column(
            "retry", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Set when an operator asks"
        ),
        sa.CheckConstraint("held IN ('gap', 'poison')", name="ck_stream_version_held"),
        sa.PrimaryKeyConstraint("aggregate", name="pk_stream_version"),
    )
    op.create_index("ix_stream_version_retry", "stream_version", ["aggregate"], postgresql_where=sa.text("retry > 0"))
    op.create_table(
        "parked_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        text("aggregate"),
        integer("version", nullable=True),
        text("topic"),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        text("type"),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        text("reason"),
        text("error", nullable=True),
        instant("parked_at", server_default=sa.text("now()")),
        instant("waits_until", nullable=True, comment="A gap may close by itself until then"),
        text("settled", nullable=True, comment="released or discarded; empty while parked"),
        sa.CheckConstraint("reason IN ('malformed', 'failed', 'gap', 'behind')", name="ck_parked_event_reason"),
        sa.CheckConstraint("settled IN ('released', 'discarded')", name="ck_parked_event_settled"),
        sa.PrimaryKeyConstraint("id", name="pk_parked_event"),
        sa.UniqueConstraint("topic", "partition", "major", "minor", name="uq_parked_event_topic_partition_major_minor"),
    )
    op.create_index(
        "ix_parked_event_open", "parked_event", ["aggregate", "id"], postgresql_where=sa.text("settled IS NULL")
    )
    op.create_table(
        "parked_event_audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        text("aggregate"),
        sa.Column("parked_event", sa.BigInteger()),
        text("action"),
        text("done_by"),
        text("reason"),
        instant("done_at", server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("id", name="pk_parked_event_audit"),
    )


def drop() -> None:
    """Undo `create`."""
    for table in ("parked_event_audit", "parked_event", "stream_version"):
        op.drop_table(table)
