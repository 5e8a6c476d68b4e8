"""Tables of a report and of what happened to it."""

from sqlalchemy import (
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Sequence,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

CODES_PER_BLOCK = 100
"""A process takes this many numbers from the sequence at once: the event names the code before the row exists."""

# As PostgreSQL writes it back, so that a comparison with the database finds no difference.
SEARCH = "to_tsvector('simple'::regconfig, (COALESCE(title, ''::text) || ' '::text) || content)"


def feedback_table(metadata: MetaData) -> Table:
    """Reports as they stand. `submitted_by` is the subject of the token, which names nobody."""
    Sequence("feedback_number", increment=CODES_PER_BLOCK, metadata=metadata)
    table = Table(
        "feedback",
        metadata,
        Column("code", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("channel", Text, nullable=False),
        Column(
            "channel_owner",
            Text,
            nullable=False,
            server_default=text("''"),
            comment="A citizen's subject; empty: the channel itself",
        ),
        Column("channel_ref", Text),
        Column("kind", Text, nullable=False),
        Column("category", Text),
        Column("severity", Text, nullable=False),
        Column("title", Text),
        Column("content", Text, nullable=False),
        Column("lat", Double),
        Column("lon", Double),
        Column("address", Text),
        Column("unit", Text, nullable=False),
        Column("former_units", ARRAY(Text), nullable=False, server_default=text("'{}'")),
        Column("routing", JSONB, nullable=False, comment="Why the report went to its first unit"),
        Column("status", Text, nullable=False),
        Column("submitted_by", Text),
        Column("secret_digest", LargeBinary, nullable=False, comment="SHA-256 of the tracking secret"),
        Column("received_at", DateTime(timezone=True), nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("accept_due_at", DateTime(timezone=True), nullable=False),
        Column("accepted_at", DateTime(timezone=True)),
        Column("resolve_due_at", DateTime(timezone=True), nullable=False),
        Column("transferred_at", DateTime(timezone=True)),
        Column("answered_at", DateTime(timezone=True)),
        Column("handovers", SmallInteger, nullable=False, server_default=text("0")),
        Column("answer", Text),
        Column("outcome", Text),
    )
    received_at, code = table.c.received_at, table.c.code
    # The same id of a channel is the same report; what citizens send cannot take an id of the channel itself.
    Index(
        "uq_feedback_channel_ref",
        table.c.channel,
        table.c.channel_owner,
        table.c.channel_ref,
        unique=True,
        postgresql_where=text("channel_ref IS NOT NULL"),
    )
    # One for each way a list is walked, newest first.
    Index("ix_feedback_received_at", received_at, code)
    for name in ("unit", "status", "channel", "kind"):
        Index(f"ix_feedback_{name}", table.c[name], received_at, code)
    for name in ("submitted_by", "category"):
        present = text(f"{name} IS NOT NULL")
        Index(f"ix_feedback_{name}", table.c[name], received_at, code, postgresql_where=present)
    Index("ix_feedback_open", received_at, code, postgresql_where=text("answered_at IS NULL"))
    Index("ix_feedback_search", text(SEARCH), _table=table, postgresql_using="gin")
    return table


def history_table(metadata: MetaData) -> Table:
    """One row for each version of a report, never changed: who did what, and how the report stood then.

    No foreign key: the row is written in the statement or transaction of its report, and reports are not deleted.
    """
    return Table(
        "feedback_history",
        metadata,
        Column("code", Text, primary_key=True),
        Column("version", Integer, primary_key=True),
        Column("action", Text, nullable=False),
        Column("from_status", Text),
        Column("status", Text, nullable=False),
        Column("from_unit", Text),
        Column("unit", Text, nullable=False),
        Column("resolve_due_at", DateTime(timezone=True), nullable=False),
        Column("answered_at", DateTime(timezone=True)),
        Column("actor", Text),
        Column("role", Text),
        Column("at", DateTime(timezone=True), nullable=False),
        Column("note", Text),
    )
