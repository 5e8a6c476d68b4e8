"""The table of standard replies."""

from sqlalchemy import Boolean, Column, DateTime, Integer, Table, Text, Uuid

from feedback_api.metadata import METADATA

standard_replies = Table(
    "standard_reply",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("unit", Text, comment="Whose it is; null: every unit's"),
    Column("kind", Text),
    Column("category", Text),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("retired", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""One row for each version of a reply, never changed; the newest is what holds. So the history is the table itself."""
