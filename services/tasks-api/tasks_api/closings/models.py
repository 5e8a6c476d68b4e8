"""The table of closed months. It is append only: a correction is a further version."""

from sqlalchemy import CheckConstraint, Column, DateTime, Integer, Table, Text

from tasks_api.metadata import METADATA

closed_months = Table(
    "closed_months",
    METADATA,
    Column("month", Text, primary_key=True, comment="YYYY-MM"),
    Column("version", Integer, primary_key=True),
    Column("document", Text, nullable=False, comment="The sheet as JSON, with the rows of all units"),
    Column("sha256", Text, nullable=False, comment="Of the document in UTF-8, in hexadecimal"),
    Column("known_at", DateTime(timezone=True), nullable=False, comment="What was recorded before it is counted"),
    Column("closed_at", DateTime(timezone=True), nullable=False),
    Column("reason", Text, comment="Of a correction; null: closed by itself"),
    Column("actor", Text, comment="Subject of the token of who made it; null: closed by itself"),
    CheckConstraint("sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')", name="is_what_was_closed"),
)
