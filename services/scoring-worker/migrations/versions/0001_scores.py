"""Duties, events, counts, scores, units, index sets, and what every consumer has."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def text(name: str, **options: Any) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), **{"nullable": False} | options)


def instant(name: str, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), **{"nullable": False} | options)


def integer(name: str, **options: Any) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), **{"nullable": False} | options)


def upgrade() -> None:
    create_facts()
    create_scores()
    create_definitions()
    create_positions()
    create_parking()


def create_facts() -> None:
    op.create_table(
        "duty",
        text("aggregate", comment="Aggregate type and id"),
        text("measure"),
        integer("opened_version", comment="Version of the event that opened it"),
        text("code"),
        text("unit"),
        sa.Column("month", sa.Date(), nullable=False, comment="First day of the local month it counts in"),
        instant("opened_at"),
        instant("recorded_at", comment="When the producer wrote the opening down"),
        instant("due_at", nullable=True, comment="Empty for an occurrence"),
        instant("done_at", nullable=True),
        instant("ended_at", nullable=True, comment="When it ceased to be this unit's"),
        integer("closed_version", nullable=True, comment="Version of the event that closed it"),
        text("counted", nullable=True, comment="State in which the counts hold it"),
        sa.PrimaryKeyConstraint("aggregate", "measure", "opened_version", name="pk_duty"),
    )
    op.create_index("ix_duty_month_unit", "duty", ["month", "unit"])
    op.create_index("ix_duty_pending", "duty", ["due_at"], postgresql_where=sa.text("counted = 'pending'"))
    op.create_table(
        "event",
        text("aggregate"),
        integer("version"),
        sa.Column("id", sa.Uuid(), nullable=False),
        text("type"),
        instant("occurred_at"),
        instant("recorded_at"),
        sa.PrimaryKeyConstraint("aggregate", "version", name="pk_event"),
    )


def create_scores() -> None:
    op.create_table(
        "indicator_count",
        text("unit"),
        text("period", comment="2024, 2024-H1, 2024-Q2 or 2024-05"),
        sa.Column("counts", postgresql.JSONB(), nullable=False, comment="Measure → state → number of duties; no zeros"),
        sa.PrimaryKeyConstraint("unit", "period", name="pk_indicator_count"),
        postgresql_with={"fillfactor": 50},
    )
    op.create_table(
        "score",
        text("set_code"),
        text("period"),
        text("unit"),
        text("set_version"),
        sa.Column("total", sa.Numeric(), nullable=False),
        sa.Column("max", sa.Numeric(), nullable=False),
        sa.Column("percent", sa.Numeric(), comment="Empty where nothing could be scored"),
        sa.Column(
            "fields", postgresql.JSONB(), nullable=False, comment="Code, score and counted maximum of each field"
        ),
        instant("computed_at"),
        sa.PrimaryKeyConstraint("set_code", "period", "unit", name="pk_score"),
        postgresql_with={"fillfactor": 50},
    )


def create_definitions() -> None:
    op.create_table(
        "index_set",
        text("code"),
        text("version"),
        text("sha256"),
        sa.Column("effective_from", sa.Date(), nullable=False),
        text("document", comment="The YAML as it was loaded"),
        instant("loaded_at", server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("code", "version", name="pk_index_set"),
    )
    op.create_table(
        "unit",
        text("code"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: always"),
        sa.Column("valid_to", sa.Date(), comment="Last day; empty: still valid"),
        text("name"),
        text("kind"),
        sa.PrimaryKeyConstraint("code", "valid_from", name="pk_unit"),
    )


def create_positions() -> None:
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
        integer("version", comment="Of the last event that took effect"),
        text("held", nullable=True, comment="Why later events of this aggregate park: gap or poison"),
        sa.Column(
            "retry", sa.BigInteger(), server_default=sa.text("0"), nullable=False, comment="Set when an operator asks"
        ),
        sa.CheckConstraint("held IN ('gap', 'poison')", name="ck_stream_version_held"),
        sa.PrimaryKeyConstraint("aggregate", name="pk_stream_version"),
    )
    op.create_index("ix_stream_version_retry", "stream_version", ["aggregate"], postgresql_where=sa.text("retry > 0"))


def create_parking() -> None:
    op.create_table(
        "parked_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        text("aggregate"),
        integer("version", nullable=True),
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
    "duty",
    "event",
    "indicator_count",
    "score",
    "index_set",
    "unit",
    "stream_position",
    "stream_lease",
    "stream_member",
    "stream_version",
    "parked_event",
    "parked_event_audit",
)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
