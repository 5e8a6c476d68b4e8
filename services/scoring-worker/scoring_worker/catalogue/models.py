"""Table `index_set`: each version of each index set."""

from sqlalchemy import Column, Date, DateTime, Table, Text, func

from scoring_worker.metadata import METADATA

index_set = Table(
    "index_set",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("effective_from", Date, nullable=False),
    Column("document", Text, nullable=False, comment="The YAML as it was loaded"),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)
