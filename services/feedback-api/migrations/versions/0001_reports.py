"""Citizens' reports, their history, sealed contacts, units, and what every producer has."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.outbox import CREATE_FEED, DROP_FEED

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


class Xid8(sa.types.UserDefinedType[int]):
    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


def text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), **{"nullable": False} | options)


def instant(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, INSTANT, **{"nullable": False} | options)


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
    create_outbox()
    op.create_table(
        "idempotency",
        text("caller"),
        text("key"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the request"),
        sa.Column("status", sa.SmallInteger()),
        sa.Column("headers", postgresql.JSONB()),
        sa.Column("body", sa.LargeBinary()),
        instant("created_at", server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("caller", "key", name="pk_idempotency"),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
    create_stream_positions()
    create_parked_events()


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
    # What was done stays done: not even this service's own role changes its history.
    op.execute(
        """CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'history is append-only'; END $$"""
    )
    op.execute(
        """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON feedback_history
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )


def create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("xid", Xid8(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.Column("seq", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        text("aggregatetype"),
        text("aggregateid"),
        sa.Column("aggregateversion", sa.Integer(), nullable=False),
        text("type"),
        instant("occurred_at"),
        instant("recorded_at"),
        text("traceparent", nullable=True),
        sa.Column("payload", postgresql.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("partition", "xid", "seq", name="pk_outbox"),
    )
    for statement in CREATE_FEED:
        op.execute(statement)


def create_stream_positions() -> None:
    op.create_table(
        "stream_position",
        text("topic"),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", name="pk_stream_position"),
    )
    op.create_table(
        "stream_lease",
        text("topic"),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        text("owner", nullable=True),
        instant("expires_at", nullable=True),
        sa.PrimaryKeyConstraint("topic", "partition", name="pk_stream_lease"),
    )
    op.create_table(
        "stream_member",
        text("member"),
        instant("expires_at"),
        sa.PrimaryKeyConstraint("member", name="pk_stream_member"),
    )
    op.create_table(
        "stream_version",
        text("aggregate", comment="Aggregate type and id"),
        sa.Column("version", sa.Integer(), nullable=False, comment="Of the last event that took effect"),
        text("held", nullable=True, comment="Why later events of this aggregate park: gap or poison"),
        sa.Column(
            "retry", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Set when an operator asks"
        ),
        sa.CheckConstraint("held IN ('gap', 'poison')", name="ck_stream_version_held"),
        sa.PrimaryKeyConstraint("aggregate", name="pk_stream_version"),
    )
    op.create_index("ix_stream_version_retry", "stream_version", ["aggregate"], postgresql_where=sa.text("retry > 0"))


def create_parked_events() -> None:
    op.create_table(
        "parked_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        text("aggregate"),
        sa.Column("version", sa.Integer()),
        text("topic"),
        sa.Column("partition", sa.SmallInteger(), nullable=False),
        sa.Column("major", sa.BigInteger(), nullable=False),
        sa.Column("minor", sa.BigInteger(), nullable=False),
        text("type"),
        sa.Column("headers", postgresql.JSONB(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        text("reason"),
        text("error", nullable=True),
        instant("parked_at", server_default=sa.text("now()")),
        instant("waits_until", nullable=True, comment="A gap may close by itself until then"),
        text("settled", nullable=True, comment="released or discarded; empty while parked"),
        sa.CheckConstraint("reason IN ('malformed', 'failed', 'gap', 'behind')", name="ck_parked_event_reason"),
        sa.CheckConstraint("settled IN ('released', 'discarded')", name="ck_parked_event_settled"),
        sa.PrimaryKeyConstraint("id", name="pk_parked_event"),
        sa.UniqueConstraint("topic", "partition", "major", "minor", name="uq_parked_event_topic_partition_major_minor"),
    )
    op.create_index(
        "ix_parked_event_open", "parked_event", ["aggregate", "id"], postgresql_where=sa.text("settled IS NULL")
    )
    op.create_table(
        "parked_event_audit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        text("aggregate"),
        sa.Column("parked_event", sa.BigInteger()),
        text("action"),
        text("done_by"),
        text("reason"),
        instant("done_at", server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("id", name="pk_parked_event_audit"),
    )


TABLES = (
    "feedback",
    "feedback_history",
    "feedback_contact",
    "units",
    "outbox",
    "idempotency",
    "stream_position",
    "stream_lease",
    "stream_member",
    "stream_version",
    "parked_event",
    "parked_event_audit",
)


def downgrade() -> None:
    for statement in DROP_FEED:
        op.execute(statement)
    for table in TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP SEQUENCE feedback_number")
