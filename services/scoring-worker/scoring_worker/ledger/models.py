"""Tables of published links and of the numbers that they froze. All are append only."""

from sqlalchemy import Column, DateTime, Index, Integer, Table, Text

from scoring_worker.metadata import METADATA

ledger_link = Table(
    "ledger_link",
    METADATA,
    Column("owner", Text, primary_key=True, comment="Unit that runs the seasons; empty: the city"),
    Column("set_code", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("season", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("corrects", Integer, comment="Number of the link that it corrects"),
    Column("reason", Text, comment="Why it corrects it"),
    Column("document", Text, nullable=False, comment="Canonical JSON"),
    Column("sha256", Text, nullable=False),
    Column("published_at", DateTime(timezone=True), nullable=False),
    Column("actor", Text, nullable=False, comment="Subject of the token of who published it"),
    Index("ix_ledger_link_season", "season", "number"),
)

ledger_unit = Table(
    "ledger_unit",
    METADATA,
    Column("owner", Text, primary_key=True),
    Column("set_code", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("unit", Text, primary_key=True),
    Column("heading", Text, nullable=False, comment="Its part of the document as JSON, without criteria"),
    Column("criteria", Text, nullable=False, comment="The criteria of its part as JSON"),
    comment="The documents of links by unit: one card is read without reading all",
)

frozen_number = Table(
    "frozen_number",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("period", Text, primary_key=True),
    Column("indicator", Text, primary_key=True),
    Column("season", Text, nullable=False, comment="The published season that was the first to read it"),
)
