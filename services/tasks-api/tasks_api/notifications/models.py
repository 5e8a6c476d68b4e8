"""Tables of notifications. The index of the inbox ends in its key, newest first."""

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, ForeignKey, Identity, Index, Integer, Table, Text
from sqlalchemy import text as condition

from tasks_api.metadata import METADATA

notifications = Table(
    "notifications",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("unit", Text, nullable=False),
    Column("role", Text, nullable=False, comment="everyone who holds it in the unit is told"),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, comment="code of what it is about"),
    Column("due_on", Date),
    Column("days", Integer, comment="of a reminder: before the last day; negative after it"),
    Column("at", DateTime(timezone=True), nullable=False, comment="as of when it holds"),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("to_mail", Boolean, nullable=False, comment="no mail was made of it yet, and one is to be made"),
    Index("ix_notifications_unit_role_id", "unit", "role", "id"),
    Index("ix_notifications_recorded_at", "recorded_at"),
    Index("ix_notifications_to_mail", "unit", "role", "id", postgresql_where=condition("to_mail")),
    # No step of a reminder is said twice to the same people, whoever asks for it.
    Index(
        "uq_notifications_reminder",
        "subject",
        "due_on",
        "days",
        "unit",
        "role",
        unique=True,
        postgresql_where=condition("days IS NOT NULL"),
    ),
)

notification_reads = Table(
    "notification_reads",
    METADATA,
    Column("notification_id", BigInteger, ForeignKey("notifications.id", ondelete="CASCADE"), primary_key=True),
    Column("sub", Text, primary_key=True, comment="who read it"),
    Column("read_at", DateTime(timezone=True), nullable=False),
)
