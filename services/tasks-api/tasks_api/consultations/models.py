"""Tables of consultations. Indexes end in the key of the list, newest first."""

from sqlalchemy import BigInteger, Boolean, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cchc_shared.storage.history import history_columns
from tasks_api.metadata import METADATA

consultations = Table(
    "consultations",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("task", Text, ForeignKey("tasks.code"), nullable=False),
    Column("asker", Text, nullable=False),
    Column("unit", Text, nullable=False, comment="the unit that is asked"),
    Column("kind", Text, nullable=False),
    Column("deemed_consent", Boolean, nullable=False, comment="the rule of the kind when the question was asked"),
    Column("tell", Text, comment="who is told of silence, by the same rule"),
    Column("question", Text, nullable=False),
    Column("relevance", Text, nullable=False),
    Column("main_contents", ARRAY(Text), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False, comment="first instant at which an answer is late"),
    Column("status", Text, nullable=False),
    Column("answer", JSONB(none_as_null=True)),
    Column("late_answer", JSONB(none_as_null=True)),
    Column("late_answered_at", DateTime(timezone=True)),
    Column("return_reason", Text),
    Column("ended_at", DateTime(timezone=True), comment="answered, returned, withdrawn, or the deadline it lapsed at"),
    Column("version", Integer, nullable=False),
    Index("ix_consultations_unit_id", "unit", "id"),
    Index("ix_consultations_asker_id", "asker", "id"),
    Index("ix_consultations_task_id", "task", "id"),
    Index("ix_consultations_asked_at", "asked_at"),
    Index("ix_consultations_open_due_at", "due_at", "id", postgresql_where=text("status = 'open'")),
)

consultation_history = Table(
    "consultation_history",
    METADATA,
    Column("consultation_id", BigInteger, ForeignKey("consultations.id"), primary_key=True),
    *history_columns(),
    comment="Every change, append only",
)

consultation_notices = Table(
    "consultation_notices",
    METADATA,
    Column("consultation_id", BigInteger, ForeignKey("consultations.id"), primary_key=True),
    Column("number", Text, nullable=False, unique=True),
    Column("text", Text, nullable=False),
    Column("html", Text, nullable=False),
    Column("issued_at", DateTime(timezone=True), nullable=False, comment="the deadline as of which it speaks"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    comment="Written notices of deemed consent; one for a consultation, never changed",
)
