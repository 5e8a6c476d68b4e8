"""Tables of the directory: units, by code and first day, and their heads."""

from sqlalchemy import CheckConstraint, Column, Date, DateTime, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, ExcludeConstraint

from cchc_shared.storage.personal import OFFICIAL
from tasks_api.metadata import METADATA

units = Table(
    "units",
    METADATA,
    Column("code", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True, comment="-infinity: since before the records"),
    Column("valid_to", Date, nullable=False, comment="inclusive; infinity: until further notice"),
    Column("name", Text, nullable=False),
    Column("search", Text, nullable=False, comment="the name without marks and capitals"),
    Column("kind", Text, nullable=False),
    Column("parent", Text),
    Column("successors", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("valid_from <= valid_to", name="period"),
)

unit_heads = Table(
    "unit_heads",
    METADATA,
    Column("unit", Text, primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("valid_to", Date, nullable=False, comment="inclusive; infinity: until further notice"),
    Column("name", Text, nullable=False, info=OFFICIAL),
    Column("office", Text, nullable=False, comment="what the head was appointed to"),
    CheckConstraint("valid_from <= valid_to", name="period"),
    # Equality of a text in such an index needs an extension, and so the right to create one: the hash stands for it.
    ExcludeConstraint(
        (text("int8range(hashtextextended(unit, 0), hashtextextended(unit, 0), '[]')"), "&&"),
        (text("daterange(valid_from, valid_to, '[]')"), "&&"),
        name="one_head_at_a_time",
        using="gist",
    ),
    comment="Who headed a unit in which period. Names leave this service in answers to staff alone",
)
