"""The table of sealed contact data."""

from sqlalchemy import Column, DateTime, LargeBinary, MetaData, Table, Text


def contact_table(metadata: MetaData) -> Table:
    """One row for each report whose reporter left contact data. No foreign key: it is erased alone."""
    return Table(
        "feedback_contact",
        metadata,
        Column("code", Text, primary_key=True),
        Column("sealed", LargeBinary, nullable=False),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
    )
