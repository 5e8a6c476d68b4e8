"""Bookkeeping tables of a consumer: positions, leases, versions, parked events.

Each consuming service has its own set, in the schema of its effects.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB


def position_tables(metadata: MetaData) -> None:
    """Positions, and who reads what on the PostgreSQL transport."""
    Table(
        "stream_position",
        metadata,
        Column("topic", Text, primary_key=True),
        Column("partition", SmallInteger, primary_key=True),
        Column("major", BigInteger, nullable=False),
        Column("minor", BigInteger, nullable=False),
        Column("mark", Uuid, comment="Id of the event that stands there, where the transport needs it"),
    )
    Table(
        "stream_lease",
        metadata,
        Column("topic", Text, primary_key=True),
        Column("partition", SmallInteger, primary_key=True),
        Column("owner", Text),
        Column("expires_at", DateTime(timezone=True)),
    )
    Table(
        "stream_member",
        metadata,
        Column("member", Text, primary_key=True),
        Column("expires_at", DateTime(timezone=True), nullable=False),
    )


def stream_tables(metadata: MetaData) -> None:
    """All tables of a consumer whose effects are in this schema."""
    position_tables(metadata)
    Table(
        "stream_version",
        metadata,
        Column("aggregate", Text, primary_key=True, comment="Aggregate type and id"),
        Column("version", Integer, nullable=False, comment="Of the last event that took effect"),
        Column("blocked", Text, comment="Why later events of this aggregate park: gap or poison"),
        Column("last_id", Uuid, comment="Of the event of that version; empty if the version was given up"),
        Column("retry", BigInteger, nullable=False, server_default=text("0"), comment="Set when an operator asks"),
        CheckConstraint("blocked IN ('gap', 'poison')", name="blocked"),
        Index("ix_stream_version_retry", "aggregate", postgresql_where=text("retry > 0")),
    )
    Table(
        "parked_event",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("aggregate", Text, nullable=False),
        Column("version", Integer),
        Column("topic", Text, nullable=False),
        Column("partition", SmallInteger, nullable=False),
        Column("major", BigInteger, nullable=False),
        Column("minor", BigInteger, nullable=False),
        Column("type", Text, nullable=False),
        Column("headers", JSONB, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("reason", Text, nullable=False),
        Column("error", Text),
        Column("parked_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("waits_until", DateTime(timezone=True), comment="A gap may close by itself until then"),
        Column("resolution", Text, comment="released or discarded; empty while parked"),
        CheckConstraint("reason IN ('malformed', 'failed', 'gap', 'behind', 'conflict')", name="reason"),
        CheckConstraint("resolution IN ('released', 'discarded')", name="resolution"),
        # The place alone names no event: a topic that was made anew carries others there.
        UniqueConstraint(
            "topic",
            "partition",
            "major",
            "minor",
            "aggregate",
            "version",
            name="uq_parked_event_place_and_event",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_parked_event_open", "aggregate", "id", postgresql_where=text("resolution IS NULL")),
    )
    Table(
        "parked_event_audit",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("aggregate", Text, nullable=False),
        Column("parked_event", BigInteger),
        Column("action", Text, nullable=False),
        Column("done_by", Text, nullable=False),
        Column("reason", Text, nullable=False),
        Column("done_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("first_version", Integer, comment="Of the versions that need not come any more"),
        Column("last_version", Integer),
        Column("place", JSONB, comment="Topic, partition and position of a record without version that was given up"),
        Index("ix_parked_event_audit_aggregate", "aggregate"),
    )
