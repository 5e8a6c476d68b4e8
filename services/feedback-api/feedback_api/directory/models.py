"""The projection of the directory of units."""

from sqlalchemy import Column, Date, Integer, MetaData, Table, Text


def units_table(metadata: MetaData) -> Table:
    """Units by the id of their aggregate, at the last version that was seen."""
    return Table(
        "units",
        metadata,
        Column("subject", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("code", Text, nullable=False),
        Column("valid_from", Date),
        Column("valid_to", Date),
    )
