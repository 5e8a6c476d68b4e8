"""The projection of the directory of units."""

from sqlalchemy import Column, Date, Integer, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY


def units_table(metadata: MetaData) -> Table:
    """Units by the id of their aggregate, as their last event defined them.

    What a version before `name` copied has none until a rebuild.
    """
    return Table(
        "units",
        metadata,
        Column("subject", Text, primary_key=True),
        Column("version", Integer, nullable=False),
        Column("code", Text, nullable=False),
        Column("valid_from", Date),
        Column("valid_to", Date),
        Column("name", Text, nullable=False, server_default=text("''")),
        Column("kind", Text),
        Column("successors", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    )


units = units_table(MetaData())
"""For statements, in whichever service: each has the table in a schema of its own."""
