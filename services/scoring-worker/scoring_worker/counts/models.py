"""Table `unit_count`: the counts of each unit and period."""

from sqlalchemy import Column, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from scoring_worker.metadata import METADATA

# One row is all of a unit's counts in a period: what a score is made of is read at once, and locked at once.
unit_count = Table(
    "unit_count",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("period", Text, primary_key=True, comment="2024, 2024-H1, 2024-Q2 or 2024-05"),
    Column("counts", JSONB, nullable=False, comment="Measure → state → number of facts; no zeros"),
    postgresql_with={"fillfactor": 50},
)
