"""The table of who read the contact data of which report."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Table, Text

from feedback_api.metadata import METADATA

accesses = Table(
    "contact_access",
    METADATA,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("code", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("role", Text, nullable=False, comment="sender: the person who sent the report"),
    Column("actor", Text, comment="Subject of an official's token; empty for the sender"),
    Column("unit", Text),
    Column("purpose", Text, comment="A code of the city's list"),
    Index("ix_contact_access_code", "code", "id"),
)
"""Append only. It holds no word of the contact data, and nothing that names the sender."""
