"""Duties, events, counts, scores, units, index sets, and what every consumer has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl import inbox_1, positions_1
from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_facts()
    create_scores()
    create_definitions()
    positions_1.create()
    inbox_1.create()


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


def downgrade() -> None:
    inbox_1.drop()
    positions_1.drop()
    for table in ("unit", "index_set", "score", "indicator_count", "event", "duty"):
        op.drop_table(table)
