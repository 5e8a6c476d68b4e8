"""Table `series_year`: what was published of a year, version by version."""

from sqlalchemy import Column, DateTime, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_worker.metadata import METADATA

series_year = Table(
    "series_year",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("year", Integer, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", JSONB, nullable=False, comment="The whole table of the year"),
    Column("given_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
