"""Table of the register. Each row is a version and is never changed, so the history is the table itself."""

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from cchc_shared.storage.personal import OFFICIAL
from tasks_api.metadata import METADATA

responsibility_entries = Table(
    "responsibility_entries",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("happened_on", Date, nullable=False, comment="day on which the head answered for it"),
    Column("head_office", Text, nullable=False),
    Column("head_name", Text, info=OFFICIAL),
    Column("cause", Text, nullable=False),
    Column("tasks", ARRAY(Text), nullable=False),
    Column("reports", ARRAY(Text), nullable=False),
    Column("inspections", ARRAY(Text), nullable=False),
    Column("document_no", Text),
    Column("document_on", Date),
    Column("outcome", Text, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_responsibility_entries_unit", "unit", "id"),
)
