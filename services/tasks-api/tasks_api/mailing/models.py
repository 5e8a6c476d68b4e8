"""Tables of mail: the address book, which is personal data, and the mails that are made."""

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Identity, Index, Integer, Table, Text, UniqueConstraint
from sqlalchemy import text as condition

from tasks_api.metadata import METADATA

mailboxes = Table(
    "mailboxes",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("unit", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("address", Text, nullable=False, comment="personal data: it stands nowhere else"),
    UniqueConstraint("unit", "role", "address"),
    comment="Where those who hold a role in a unit are written to",
)

mails = Table(
    "mails",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("message_id", Text, nullable=False, unique=True, comment="the same however often it is sent"),
    Column("mailbox_id", BigInteger, ForeignKey("mailboxes.id", ondelete="CASCADE"), nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_at", DateTime(timezone=True), nullable=False, comment="not before then, also while one is sending it"),
    Column("sent_at", DateTime(timezone=True)),
    Column("refusal", Text, comment="why it was given up, without the address"),
    Index("ix_mails_waiting", "next_at", "id", postgresql_where=condition("sent_at IS NULL AND refusal IS NULL")),
    Index("ix_mails_refused", "id", postgresql_where=condition("refusal IS NOT NULL")),
    Index("ix_mails_mailbox_id", "mailbox_id"),
    Index("ix_mails_made_at", "made_at"),
)
