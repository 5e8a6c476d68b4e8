"""Tables of webhooks and of what is sent to them."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy import text as condition
from sqlalchemy.dialects.postgresql import ARRAY

from notify.metadata import METADATA

webhooks = Table(
    "webhook",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("system", Text, nullable=False, index=True, comment="Code of the connected system that is told"),
    Column("url", Text, nullable=False),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("units", ARRAY(Text), nullable=False, comment="Empty: whatever the scope of the system has"),
    Column("disabled_for", Text, comment="Why it is sent nothing; null: it is enabled"),
    Column("disabled_at", DateTime(timezone=True)),
    Column("failing_since", DateTime(timezone=True), comment="No attempt was taken since then"),
    Column("secret_number", Integer, nullable=False, comment="Which of its secrets signs; none is kept"),
    Column("previous_until", DateTime(timezone=True), comment="Until then the secret before signs too"),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("created_by", Text, nullable=False, comment="Subject of the token"),
)

deliveries = Table(
    "webhook_delivery",
    METADATA,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("webhook_id", Uuid, ForeignKey("webhook.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", Uuid, nullable=False, comment="The webhook-id of the message, however often it is sent"),
    Column("event_type", Text, nullable=False),
    Column("aggregate", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False, comment="The bytes that are signed"),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, comment="The one that is under way included"),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("next_at", DateTime(timezone=True), nullable=False, comment="Not sent before then"),
    Column("leased_until", DateTime(timezone=True), comment="Until then the process that took it sends it"),
    Column("ended_at", DateTime(timezone=True), comment="When it was delivered or given up"),
    Column("status", Integer, comment="HTTP status of the last answer"),
    Column("failure", Text, comment="Why there was no answer"),
    UniqueConstraint("webhook_id", "event_id"),
    Index("ix_webhook_delivery_waiting", "webhook_id", "next_at", "id", postgresql_where=condition("state='waiting'")),
    Index(
        "ix_webhook_delivery_order", "webhook_id", "aggregate", "version", postgresql_where=condition("state='waiting'")
    ),
    Index("ix_webhook_delivery_leased", "webhook_id", postgresql_where=condition("leased_until IS NOT NULL")),
    Index("ix_webhook_delivery_webhook_id", "webhook_id", "id"),
    Index("ix_webhook_delivery_made_at", "made_at"),
)
"""One row for each event and webhook, written with the effect of the event."""
