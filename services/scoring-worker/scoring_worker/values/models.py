"""Table `indicator_value`: what was entered for a unit and period, version by version."""

from sqlalchemy import Boolean, Column, DateTime, Index, Integer, Numeric, Table, Text, text

from scoring_worker.metadata import METADATA

indicator_value = Table(
    "indicator_value",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("period", Text, primary_key=True, comment="2024, 2024-H1, 2024-Q2 or 2024-05"),
    Column("indicator", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("numerator", Numeric),
    Column("denominator", Numeric),
    Column("value", Numeric, comment="A share or an amount, where there is no numerator"),
    Column("applicable", Boolean, nullable=False, comment="Whether the indicator is one for the unit at all"),
    Column("evidence", Text, comment="Where it was read, or how it was reckoned"),
    Column("given_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("superseded_at", DateTime(timezone=True), comment="When the next version came; empty: it holds"),
    Index("ix_indicator_value_period", "period", "unit", postgresql_where=text("superseded_at IS NULL")),
)
