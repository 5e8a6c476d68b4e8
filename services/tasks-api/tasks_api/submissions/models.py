"""Tables of submissions. Indexes end in the key of the list, newest first."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from cchc_shared.storage.history import history_columns
from tasks_api.metadata import METADATA

submissions = Table(
    "submissions",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("code", Text, nullable=False, unique=True),
    Column("task", Text, ForeignKey("tasks.code"), nullable=False),
    Column("unit", Text, nullable=False, comment="the unit that submits"),
    Column("to_unit", Text, nullable=False, comment="the unit that decides"),
    Column("subject", Text, nullable=False),
    Column("consultations", ARRAY(Text), nullable=False),
    Column("drafted_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("meetings", JSONB, nullable=False),
    Column("sent_at", DateTime(timezone=True)),
    Column("return_reason", Text),
    Column("version", Integer, nullable=False),
    Index("ix_submissions_unit_id", "unit", "id"),
    Index("ix_submissions_to_unit_id", "to_unit", "id"),
    Index("ix_submissions_task_id", "task", "id"),
)

submission_history = Table(
    "submission_history",
    METADATA,
    Column("submission_id", BigInteger, ForeignKey("submissions.id"), primary_key=True),
    *history_columns(),
    comment="Every change, append only",
)
