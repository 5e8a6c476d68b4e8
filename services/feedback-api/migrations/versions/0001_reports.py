"""Citizens' reports, their history, sealed contacts, units, and what every producer has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl import append_only_1, idempotency_1, inbox_1, outbox_1, positions_1
from cchc_shared.storage.ddl.columns import instant, text

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("feedback_number", increment=100)))
    create_feedback()
    create_history()
    op.create_table(
        "feedback_contact",
        text("code"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        instant("recorded_at"),
        sa.PrimaryKeyConstraint("code", name="pk_feedback_contact"),
    )
    op.create_table(
        "units",
        text("subject"),
        sa.Column("version", sa.Integer(), nullable=False),
        text("code"),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_to", sa.Date()),
        sa.PrimaryKeyConstraint("subject", name="pk_units"),
    )
    outbox_1.create()
    idempotency_1.create()
    positions_1.create()
    inbox_1.create()


def create_feedback() -> None:
    op.create_table(
        "feedback",
        text("code"),
        sa.Column("version", sa.Integer(), nullable=False),
        text("channel"),
        text("channel_owner", server_default=sa.text("''"), comment="A citizen's subject; empty: the channel itself"),
        text("channel_ref", nullable=True),
        text("kind"),
        text("category", nullable=True),
        text("severity"),
        text("title", nullable=True),
        text("content"),
        sa.Column("lat", sa.Double()),
        sa.Column("lon", sa.Double()),
        text("address", nullable=True),
        text("unit"),
        sa.Column("former_units", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("routing", postgresql.JSONB(), nullable=False, comment="Why the report went to its first unit"),
        text("status"),
        text("submitted_by", nullable=True),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the tracking secret"),
        instant("received_at"),
        instant("recorded_at"),
        instant("accept_due_at"),
        instant("accepted_at", nullable=True),
        instant("resolve_due_at"),
        instant("transferred_at", nullable=True),
        instant("answered_at", nullable=True),
        sa.Column("handovers", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        text("answer", nullable=True),
        text("outcome", nullable=True),
        sa.PrimaryKeyConstraint("code", name="pk_feedback"),
    )
    newest = ["received_at", "code"]
    op.create_index(
        "uq_feedback_channel_ref",
        "feedback",
        ["channel", "channel_owner", "channel_ref"],
        unique=True,
        postgresql_where=sa.text("channel_ref IS NOT NULL"),
    )
    op.create_index("ix_feedback_received_at", "feedback", newest)
    for column in ("unit", "status", "channel", "kind"):
        op.create_index(f"ix_feedback_{column}", "feedback", [column, *newest])
    for column in ("submitted_by", "category"):
        present = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_feedback_{column}", "feedback", [column, *newest], postgresql_where=present)
    op.create_index("ix_feedback_open", "feedback", newest, postgresql_where=sa.text("answered_at IS NULL"))
    op.create_index(
        "ix_feedback_search",
        "feedback",
        [sa.text("to_tsvector('simple'::regconfig, (COALESCE(title, ''::text) || ' '::text) || content)")],
        postgresql_using="gin",
    )


def create_history() -> None:
    op.create_table(
        "feedback_history",
        text("code"),
        sa.Column("version", sa.Integer(), nullable=False),
        text("action"),
        text("from_status", nullable=True),
        text("status"),
        text("from_unit", nullable=True),
        text("unit"),
        instant("resolve_due_at"),
        instant("answered_at", nullable=True),
        text("actor", nullable=True),
        text("role", nullable=True),
        instant("at"),
        text("note", nullable=True),
        sa.PrimaryKeyConstraint("code", "version", name="pk_feedback_history"),
    )
    append_only_1.protect("feedback_history")


def downgrade() -> None:
    inbox_1.drop()
    positions_1.drop()
    idempotency_1.drop()
    outbox_1.drop()
    for table in ("units", "feedback_contact", "feedback_history", "feedback"):
        op.drop_table(table)
    append_only_1.unprotect()
    op.execute("DROP SEQUENCE feedback_number")
