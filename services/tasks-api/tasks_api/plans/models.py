"""Tables `plans`, `plan_versions`, `plan_rows` and `learned_answers`."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from tasks_api.metadata import METADATA

plans = Table(
    "plans",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("identity", Text, nullable=False, comment="issuer, number and year; without a number: content"),
    Column("document_no", Text, nullable=False),
    Column("issued_year", Integer, nullable=False, comment="document numbers begin anew each year"),
    Column("issued_on", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("assigning_unit", Text, nullable=False),
    Column("tasks", Integer, nullable=False, comment="rows of the annex that became tasks"),
    Column("parked", Integer, nullable=False, server_default="0", comment="rows that wait for an answer"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the file and of what was said about it"),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("documents", Integer, nullable=False, server_default="1", comment="the first one and its revisions"),
    Column("parent", Text, comment="code of the plan that it carries out"),
    Column("version", Integer, nullable=False),
    Index("ix_plans_parent", "parent"),
    Index("ux_plans_identity", "identity", unique=True),
)

plan_versions = Table(
    "plan_versions",
    METADATA,
    Column("plan_id", BigInteger, ForeignKey("plans.id"), primary_key=True),
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("document_no", Text, nullable=False),
    Column("issued_on", Date, nullable=False),
    Column("title", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("imported_at", DateTime(timezone=True), nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("changes", JSONB, nullable=False, comment="what it changed against the version before"),
    Index("ix_plan_versions_digest", "digest"),
    comment="Every document of a plan: the first one and its revisions",
)

plan_rows = Table(
    "plan_rows",
    METADATA,
    Column("plan_id", BigInteger, ForeignKey("plans.id"), primary_key=True),
    Column("document", Integer, primary_key=True, autoincrement=False),
    Column("line", Integer, primary_key=True, autoincrement=False, comment="line of the document's table, from 1"),
    Column("number", Integer, nullable=False, comment="running number, as codes of tasks have it"),
    Column("written_number", Text, nullable=False),
    Column("sections", ARRAY(Text), nullable=False),
    Column("annex", Text, nullable=False),
    Column("cells", JSONB, nullable=False, comment="what counts, by field"),
    Column("written", JSONB, nullable=False, comment="the wording of the row's own cells, by field"),
    Column("inherited", JSONB, nullable=False, comment="where what counts came from otherwise, by field"),
    Column("state", Text, nullable=False, comment="assigned, parked, dropped"),
    Column("tasks", ARRAY(Text), nullable=False),
    Column("doubts", JSONB, nullable=False),
    Column("note", Text, nullable=False, server_default="", comment="why it was dropped"),
    Index("ix_plan_rows_parked", "plan_id", "document", "line", postgresql_where=text("state = 'parked'")),
    comment="The rows of a plan's annex as they were read; the original wording beside what was made of it",
)

learned_answers = Table(
    "learned_answers",
    METADATA,
    Column("owner", Text, primary_key=True, comment="the unit whose documents it is for; empty: the city's"),
    Column("kind", Text, primary_key=True, comment="column, unit"),
    Column("key", Text, primary_key=True, comment="the wording without marks"),
    Column("wording", Text, nullable=False),
    Column("meaning", ARRAY(Text), nullable=False, comment="a field, or codes of units"),
    Column("learned_at", DateTime(timezone=True), nullable=False),
    Column("learned_by", Text, nullable=False),
    comment="What people answered about headings and names, and chose to keep for later documents",
)
