"""Tables of reports, their history, and the contacts of reporters."""

from typing import Final

from sqlalchemy import (
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    LargeBinary,
    Sequence,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cchc_shared.storage.history import history_columns
from feedback_api.metadata import METADATA

CODES_PER_BLOCK: Final = 100
"""A process takes this many numbers from the sequence at once: the event names the code before the row exists."""

# As PostgreSQL writes it back, so that a comparison with the database finds no difference.
SEARCH: Final = "to_tsvector('simple'::regconfig, (COALESCE(title, ''::text) || ' '::text) || content)"

feedback_number = Sequence("feedback_number", increment=CODES_PER_BLOCK, metadata=METADATA)

feedback = Table(
    "feedback",
    METADATA,
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
    Column("form", JSONB, comment="What the form of its channel held beyond what every report has"),
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
"""Reports as they stand. `submitted_by` is the subject of the token, which names nobody."""

_newest = (feedback.c.received_at, feedback.c.code)
# The same id of a channel is the same report; what citizens send cannot take an id of the channel itself.
Index(
    "uq_feedback_channel_ref",
    feedback.c.channel,
    feedback.c.channel_owner,
    feedback.c.channel_ref,
    unique=True,
    postgresql_where=text("channel_ref IS NOT NULL"),
)
# One for each way a list is walked, newest first.
Index("ix_feedback_received_at", *_newest)
for _name in ("unit", "status", "channel", "kind"):
    Index(f"ix_feedback_{_name}", feedback.c[_name], *_newest)
for _name in ("submitted_by", "category"):
    Index(f"ix_feedback_{_name}", feedback.c[_name], *_newest, postgresql_where=text(f"{_name} IS NOT NULL"))
Index("ix_feedback_open", *_newest, postgresql_where=text("answered_at IS NULL"))
Index("ix_feedback_search", text(SEARCH), _table=feedback, postgresql_using="gin")

history = Table(
    "feedback_history",
    METADATA,
    Column("code", Text, primary_key=True),
    *history_columns(),
    Column("resolve_due_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True)),
)
"""One row for each version of a report, never changed: who did what, and how the report stood then.

No foreign key: the row is written in the statement or transaction of its report, and reports are not deleted.
"""

# For those who ask what has changed since they looked; receipts, which are most of the rows to write, stay out of it.
Index(
    "ix_feedback_history_recorded_at",
    history.c.recorded_at,
    history.c.code,
    history.c.version,
    postgresql_where=text("version > 1"),
)

contacts = Table(
    "feedback_contact",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
"""Sealed contact data, one row for each report whose sender left some. No foreign key: it is erased alone."""
