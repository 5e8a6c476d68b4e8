"""Tables of targets. Each row is a version and is never changed, so the history is the table itself."""

from sqlalchemy import Boolean, Column, Date, DateTime, Double, ForeignKey, Index, Integer, Table, Text, Uuid

from tasks_api.metadata import METADATA

plan_targets = Table(
    "plan_targets",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("plan", Text, ForeignKey("plans.code"), nullable=False),
    Column("text", Text, nullable=False),
    Column("measure", Text, nullable=False, comment="unit in which it is measured"),
    Column("comparison", Text, nullable=False),
    Column("value", Double, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("unit", Text, nullable=False, comment="who answers for it"),
    Column("withdrawn", Boolean, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Index("ix_plan_targets_plan", "plan"),
)

target_values = Table(
    "target_values",
    METADATA,
    Column("target", Uuid, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("value", Double, nullable=False),
    Column("note", Text, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
