"""Table `questionnaire`: each version of each questionnaire."""

from sqlalchemy import Column, DateTime, Table, Text

from scoring_worker.metadata import METADATA

questionnaire = Table(
    "questionnaire",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("version", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("document", Text, nullable=False, comment="The YAML as it was loaded"),
    Column("loaded_at", DateTime(timezone=True), nullable=False),
)
