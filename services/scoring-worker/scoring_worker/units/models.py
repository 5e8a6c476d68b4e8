"""Table `unit`: a copy of the directory, by code and first day."""

from sqlalchemy import Column, Date, Table, Text

from scoring_worker.metadata import METADATA

unit = Table(
    "unit",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True, comment="-infinity: always"),
    Column("valid_to", Date, comment="Last day; empty: still valid"),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent", Text, comment="Code of the unit above it"),
)
