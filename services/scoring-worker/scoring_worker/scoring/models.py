"""Table `score`: the current score of each unit in each period."""

from sqlalchemy import Column, DateTime, Numeric, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_worker.metadata import METADATA

score = Table(
    "score",
    METADATA,
    Column("set_code", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("set_version", Text, nullable=False),
    Column("total", Numeric, nullable=False),
    Column("max", Numeric, nullable=False),
    Column("percent", Numeric, comment="Empty where nothing could be scored"),
    Column("coverage", Numeric, comment="Share of the points that apply which rest on data"),
    Column("fields", JSONB, nullable=False, comment="Code, score and counted maximum of each field"),
    Column("computed_at", DateTime(timezone=True), nullable=False),
    postgresql_with={"fillfactor": 50},
)
