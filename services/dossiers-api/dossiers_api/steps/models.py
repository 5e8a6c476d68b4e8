"""Tables of progress."""

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from dossiers_api.metadata import METADATA

progress = Table(
    "dossier_progress",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("started_at", DateTime(timezone=True), primary_key=True),
    Column("office", Text, primary_key=True),
    Column("at", DateTime(timezone=True), primary_key=True),
    Column("content", JSONB, nullable=False, comment="All that it said, without any personal field"),
    Column("sent_by", Text, nullable=False, comment="Subject of the system's token"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
"""Append only: every progress row that was accepted, once."""

step = Table(
    "dossier_step",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("version", Integer, nullable=False, comment="Of the last event"),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("office", Text, nullable=False),
    Column("unit", Text, nullable=False, comment="Whose step it is"),
    Column("due_at", DateTime(timezone=True), comment="Empty: not known"),
    Column("ended_at", DateTime(timezone=True)),
    Index("ix_dossier_step_unit", "unit", "started_at"),
)
"""What the rows say together."""
