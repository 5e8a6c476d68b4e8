"""Tables of dossiers: what was said, and what follows from it."""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, LargeBinary, SmallInteger, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from dossiers_api.metadata import METADATA

dossier = Table(
    "dossier",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("version", Integer, nullable=False, comment="Of its last event; 0 before the first"),
    Column("procedure", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, comment="When it took that status"),
    Column("field", Text),
    Column("received_at", DateTime(timezone=True)),
    Column("appointment_at", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True), comment="First instant at which it is late, put off by waits"),
    Column("requests", SmallInteger, nullable=False, comment="Supplements asked for after receipt"),
    Column("waiting_since", DateTime(timezone=True)),
    Column("late_from", DateTime(timezone=True), comment="Late by itself from then on"),
    Column("ended_at", DateTime(timezone=True)),
    Column("fee_charged", Boolean, nullable=False),
    Column("paid_online", Boolean, comment="Empty: not paid"),
    Column("digitisation", Text),
    Column("electronic_result", Boolean, comment="Empty: not known yet"),
    Column("satisfied", Boolean),
    Column("unsatisfied_at", DateTime(timezone=True)),
    Column("emitted", SmallInteger, nullable=False, comment="Bits of the events that come once"),
    Column("sort_at", DateTime(timezone=True), nullable=False, comment="Received, else first known of"),
    Index("ix_dossier_unit", "unit", text("sort_at DESC"), text("code DESC")),
    Index("ix_dossier_sort_at", text("sort_at DESC"), text("code DESC")),
)

delivery = Table(
    "dossier_delivery",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("status", Text, primary_key=True),
    Column("content", JSONB, nullable=False, comment="All that it said, without any personal field"),
    Column("sent_by", Text, nullable=False, comment="Subject of the system's token"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    # Rows are added in nearly the order of that time: a summary of each piece of the table costs next to nothing.
    Index("ix_dossier_delivery_recorded_at", "recorded_at", postgresql_using="brin"),
)
"""Append only: every delivery that was accepted, once. Those that go backwards are kept too."""

secret = Table(
    "dossier_secret",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of a tracking secret"),
    Column("given_at", DateTime(timezone=True), nullable=False),
    Column("given_by", Text, nullable=False, comment="Subject of the token of who asked for it"),
)
"""With which a citizen sees a dossier; a few of each, the newest."""
