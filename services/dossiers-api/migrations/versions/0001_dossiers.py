"""Dossiers, what was said of them, units, and what every producer and consumer has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl import (
    append_only_1,
    idempotency_1,
    inbox_1,
    inbox_2,
    outbox_1,
    outbox_2,
    outbox_3,
    passed_1,
    positions_1,
    timers_1,
    units_1,
)
from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    create_dossiers()
    units_1.create()
    outbox_1.create()
    outbox_2.upgrade()
    outbox_3.upgrade()
    idempotency_1.create()
    timers_1.create()
    inbox_1.create()
    positions_1.create()
    inbox_2.upgrade()
    passed_1.create()


def create_dossiers() -> None:
    op.create_table(
        "dossier",
        text("code"),
        integer("version", comment="Of its last event; 0 before the first"),
        text("procedure"),
        text("unit"),
        text("channel"),
        text("status"),
        instant("at", comment="When it took that status"),
        text("field", nullable=True),
        instant("received_at", nullable=True),
        instant("appointment_at", nullable=True),
        instant("due_at", nullable=True, comment="First instant at which it is late, put off by waits"),
        sa.Column("requests", sa.SmallInteger(), nullable=False, comment="Supplements asked for after receipt"),
        instant("waiting_since", nullable=True),
        instant("late_from", nullable=True, comment="Late by itself from then on"),
        instant("ended_at", nullable=True),
        sa.Column("fee_charged", sa.Boolean(), nullable=False),
        sa.Column("paid_online", sa.Boolean(), comment="Empty: not paid"),
        text("digitisation", nullable=True),
        sa.Column("electronic_result", sa.Boolean(), comment="Empty: not known yet"),
        sa.Column("satisfied", sa.Boolean()),
        instant("unsatisfied_at", nullable=True),
        sa.Column("emitted", sa.SmallInteger(), nullable=False, comment="Bits of the events that come once"),
        instant("sort_at", comment="Received, else first known of"),
        sa.PrimaryKeyConstraint("code", name="pk_dossier"),
    )
    newest = [sa.text("sort_at DESC"), sa.text("code DESC")]
    op.create_index("ix_dossier_unit", "dossier", ["unit", *newest])
    op.create_index("ix_dossier_sort_at", "dossier", newest)
    op.create_table(
        "dossier_delivery",
        text("code"),
        instant("at"),
        text("status"),
        sa.Column(
            "content", postgresql.JSONB(), nullable=False, comment="All that it said, without any personal field"
        ),
        text("sent_by", comment="Subject of the system's token"),
        instant("recorded_at"),
        sa.PrimaryKeyConstraint("code", "at", "status", name="pk_dossier_delivery"),
    )
    append_only_1.protect("dossier_delivery")


def downgrade() -> None:
    """Drop everything."""
    passed_1.drop()
    inbox_2.downgrade()
    positions_1.drop()
    inbox_1.drop()
    timers_1.drop()
    idempotency_1.drop()
    outbox_3.downgrade()
    outbox_2.downgrade()
    outbox_1.drop()
    units_1.drop()
    for table in ("dossier_delivery", "dossier"):
        op.drop_table(table)
    append_only_1.unprotect()
