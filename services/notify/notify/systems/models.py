"""The table of connected systems."""

from sqlalchemy import Boolean, Column, DateTime, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from notify.metadata import METADATA

systems = Table(
    "system",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("office", Text, nullable=False, comment="Name of the office that answers for it; nobody's name"),
    Column("routes", ARRAY(Text), nullable=False, comment="Areas of the contract, and single operations"),
    Column("units", ARRAY(Text), nullable=False, comment="Codes; empty with whole_city alone"),
    Column("whole_city", Boolean, nullable=False),
    Column("channels", ARRAY(Text), nullable=False, comment="Of the reports that it may send"),
    Column("suspended", Boolean, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False, comment="Subject of the token of whoever made this version"),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""One row for each version of a system, never changed; the newest is what holds. So the history is the table itself."""
