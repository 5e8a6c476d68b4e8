"""The tables of what was published, and of where it hung. Both are append only."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    text,
)


def sheets_table(metadata: MetaData) -> Table:
    """Sheets by month, version and unit."""
    return Table(
        "publication",
        metadata,
        Column("month", Text, primary_key=True, comment="YYYY-MM"),
        Column("version", Integer, primary_key=True),
        Column("unit", Text, primary_key=True, comment="Code of the unit; empty: the whole city"),
        Column("document", Text, nullable=False, comment="The JSON that is published, to the byte"),
        Column("sha256", Text, nullable=False, comment="Of the document in UTF-8, in hexadecimal"),
        Column("published_at", DateTime(timezone=True), nullable=False),
        Column("known_at", Date, nullable=False, comment="Figures are as they were known at the end of that day"),
        Column("reason", Text, comment="Of a correction; null: closed by itself"),
        Column("actor", Text, comment="Subject of the token of who made it; null: closed by itself"),
        CheckConstraint("sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')", name="is_what_was_published"),
        Index("ix_publication_city", "month", "version", postgresql_where=text("unit = ''")),
    )


def postings_table(metadata: MetaData) -> Table:
    """Where a unit hung a version. The last entry on the same version, unit, place and day counts."""
    return Table(
        "publication_posting",
        metadata,
        Column("id", BigInteger, Identity(always=True), primary_key=True),
        Column("month", Text, nullable=False),
        Column("version", Integer, nullable=False),
        Column("unit", Text, nullable=False),
        Column("place", Text, nullable=False),
        Column("posted_on", Date, nullable=False),
        Column("taken_down_on", Date),
        Column("recorded_at", DateTime(timezone=True), nullable=False),
        Column("actor", Text, nullable=False, comment="Subject of the token of who wrote it down; not published"),
        Index("ix_publication_posting_month", "month", "id"),
    )


def publication_tables(metadata: MetaData) -> None:
    """Both, for the metadata of a service that publishes."""
    sheets_table(metadata)
    postings_table(metadata)


# For statements, in whichever service: each has the tables in a schema of its own.
sheets = sheets_table(MetaData())
postings = postings_table(MetaData())
