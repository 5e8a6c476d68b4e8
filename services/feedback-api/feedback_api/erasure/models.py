"""The table of tombstones: what was erased of which report, when, and by which rule or at whose request."""

from sqlalchemy import Column, DateTime, Table, Text

from feedback_api.metadata import METADATA

erasures = Table(
    "feedback_erasure",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("what", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("rule", Text, comment="Of the city's document, with its version; null: asked for"),
    Column("rules_version", Text),
    Column("reason", Text, comment="A code of the city's list; null: by the rule"),
    Column("actor", Text),
)
"""Append only. A row of history may lose its words only where a tombstone stands for its report."""
