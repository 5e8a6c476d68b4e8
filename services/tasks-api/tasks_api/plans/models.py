"""Table `plans`."""

from sqlalchemy import BigInteger, Column, Date, DateTime, Identity, Integer, LargeBinary, Table, Text, UniqueConstraint

from tasks_api.metadata import METADATA

plans = Table(
    "plans",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("document_no", Text, nullable=False),
    Column("issued_year", Integer, nullable=False, comment="document numbers begin anew each year"),
    Column("issued_on", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("assigning_unit", Text, nullable=False),
    Column("tasks", Integer, nullable=False, comment="rows of the annex; children are not counted"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the file and of what was said about it"),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("document_no", "issued_year"),
)
