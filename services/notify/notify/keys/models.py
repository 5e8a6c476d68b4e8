"""The table of keys."""

from sqlalchemy import Column, DateTime, LargeBinary, Table, Text

from notify.metadata import METADATA

api_keys = Table(
    "api_key",
    METADATA,
    Column("id", Text, primary_key=True, comment="The part of the key that may be shown"),
    Column("system", Text, nullable=False, index=True),
    Column("kind", Text, nullable=False, comment="live, test"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the whole key"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False, comment="Subject of a token"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by", Text),
    Column("last_used_at", DateTime(timezone=True), comment="To about a minute"),
)
