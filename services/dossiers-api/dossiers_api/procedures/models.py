"""Tables of the catalogue of procedures. Rows of entries take a disclosure; nothing else in them changes."""

from sqlalchemy import Column, Date, DateTime, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from dossiers_api.metadata import METADATA

decision = Table(
    "procedure_decision",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("issued_on", Date, nullable=False),
    Column("unit", Text, nullable=False, comment="Which prepared it"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("recorded_by", Text, nullable=False, comment="Subject of the token of who recorded it"),
)

entry = Table(
    "procedure_entry",
    METADATA,
    Column("procedure", Text, primary_key=True),
    Column("effective_on", Date, primary_key=True),
    Column("number", Integer, primary_key=True, comment="Of the decisions of one day, the later one holds"),
    Column("version", Integer, nullable=False, comment="Of the last event"),
    Column("decision", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("unit", Text, nullable=False),
    Column("change", Text, nullable=False),
    Column("name", Text, comment="Empty, as all that follows, of an abolition"),
    Column("field", Text),
    Column("field_name", Text),
    Column("levels", ARRAY(Text), nullable=False),
    Column("working_days", Integer),
    Column("working_hours", Integer),
    Column("disclosed_at", DateTime(timezone=True)),
    Column("complete_at", DateTime(timezone=True)),
    Index("ix_procedure_entry_decision", "decision"),
)
"""One row for each procedure that a decision names: the history is the table itself."""

process = Table(
    "procedure_process",
    METADATA,
    Column("procedure", Text, primary_key=True),
    Column("effective_on", Date, primary_key=True),
    Column("number", Integer, primary_key=True, comment="Of the decisions of one day, the later one holds"),
    Column("decision", Text, nullable=False),
    Column("steps", JSONB, nullable=False),
    Index("ix_procedure_process_decision", "decision"),
)
"""How dossiers of a procedure are worked on inside, by a decision. Never changed."""
