"""The table of what may be told live."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from notify.metadata import METADATA

live_events = Table(
    "live_event",
    METADATA,
    Column("place", BigInteger, Identity(), primary_key=True, comment="In the order of commits"),
    Column("event_id", Uuid, nullable=False, unique=True, comment="By which readers say how far they have come"),
    Column("type", Text, nullable=False),
    Column("thing", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("units", ARRAY(Text), nullable=False, comment="The units concerned"),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False, index=True),
)
"""One row for each event that somebody may be told of, written with the effect of the event, kept for some days."""
