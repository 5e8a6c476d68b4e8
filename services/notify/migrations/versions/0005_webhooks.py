"""Webhooks, and what is sent to them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0005"
down_revision = "0004"

_WAITING = sa.text("state='waiting'")


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "webhook",
        sa.Column("id", sa.Uuid(), nullable=False),
        text("system", comment="Code of the connected system that is told"),
        text("url"),
        _texts("event_types"),
        _texts("units", comment="Empty: whatever the scope of the system has"),
        text("disabled_for", nullable=True, comment="Why it is sent nothing; null: it is enabled"),
        instant("disabled_at", nullable=True),
        instant("failing_since", nullable=True, comment="No attempt was taken since then"),
        integer("secret_number", comment="Which of its secrets signs; none is kept"),
        instant("previous_until", nullable=True, comment="Until then the secret before signs too"),
        instant("created_at"),
        text("created_by", comment="Subject of the token"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook"),
    )
    op.create_index("ix_webhook_system", "webhook", ["system"])
    _create_deliveries()


def _create_deliveries() -> None:
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column(
            "event_id", sa.Uuid(), nullable=False, comment="The webhook-id of the message, however often it is sent"
        ),
        text("event_type"),
        text("aggregate"),
        integer("version"),
        text("body", comment="The bytes that are signed"),
        text("state"),
        integer("attempts", comment="The one that is under way included"),
        instant("made_at"),
        instant("next_at", comment="Not sent before then"),
        instant("leased_until", nullable=True, comment="Until then the process that took it sends it"),
        instant("ended_at", nullable=True, comment="When it was delivered or given up"),
        integer("status", nullable=True, comment="HTTP status of the last answer"),
        text("failure", nullable=True, comment="Why there was no answer"),
        sa.PrimaryKeyConstraint("id", name="pk_webhook_delivery"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], ondelete="CASCADE", name="fk_webhook_delivery_webhook_id_webhook"
        ),
        sa.UniqueConstraint("webhook_id", "event_id", name="uq_webhook_delivery_webhook_id_event_id"),
    )
    for name, columns, where in (
        ("waiting", ["webhook_id", "next_at", "id"], _WAITING),
        ("order", ["webhook_id", "aggregate", "version"], _WAITING),
        ("leased", ["webhook_id"], sa.text("leased_until IS NOT NULL")),
        ("webhook_id", ["webhook_id", "id"], None),
        ("made_at", ["made_at"], None),
    ):
        op.create_index(f"ix_webhook_delivery_{name}", "webhook_delivery", columns, postgresql_where=where)


def _texts(name: str, comment: str | None = None) -> sa.Column[list[str]]:
    return sa.Column(name, postgresql.ARRAY(sa.Text()), nullable=False, comment=comment)


def downgrade() -> None:
    """Drop both."""
    op.drop_table("webhook_delivery")
    op.drop_table("webhook")
