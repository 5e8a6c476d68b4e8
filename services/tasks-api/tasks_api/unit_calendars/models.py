"""Table of the links by which calendars are read."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, Table, Text

from tasks_api.metadata import METADATA

calendar_links = Table(
    "calendar_links",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("unit", Text, nullable=False),
    Column("name", Text, nullable=False, comment="for whom or what it is, as its maker called it"),
    Column("digest", LargeBinary, nullable=False, unique=True, comment="SHA-256 of the secret, which is not kept"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by", Text),
    Index("ix_calendar_links_unit_id", "unit", "id"),
    comment="Whoever has the secret of one that is not revoked reads the calendar of its unit",
)
