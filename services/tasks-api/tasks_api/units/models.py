"""Table `units`: the directory of units, by code and first day."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from tasks_api.metadata import METADATA

units = Table(
    "units",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True, comment="-infinity: since before the records"),
    Column("valid_to", Date, nullable=False, comment="inclusive; infinity: until further notice"),
    Column("name", Text, nullable=False),
    Column("search", Text, nullable=False, comment="the name without marks and capitals"),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("successors", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("valid_from <= valid_to", name="period"),
)
