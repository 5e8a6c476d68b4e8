"""The projection of the directory of units."""

from sqlalchemy import Column, Date, Integer, Table, Text

from feedback_api.metadata import METADATA

units = Table(
    "units",
    METADATA,
    Column("subject", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("code", Text, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
)
"""Units by the id of their aggregate, as their last event defined them."""
