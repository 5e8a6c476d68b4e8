"""Seasons: their dates and units, what was entered, and the chain of what was published. New tables: nothing waits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl import append_only_1, idempotency_1, idempotency_2
from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0013"
down_revision = "0012"

APPEND_ONLY = ("season_history", "season_entry", "ledger_link", "ledger_unit", "frozen_number")
TABLES = ("frozen_number", "ledger_unit", "ledger_link", "season_entry", "season_unit", "season_history", "season")


def upgrade() -> None:
    op.add_column("unit", text("parent", nullable=True, comment="Code of the unit above it"))
    _create_seasons()
    _create_entries()
    _create_ledger()
    append_only_1.protect(APPEND_ONLY[0])
    for table in APPEND_ONLY[1:]:
        op.execute(
            f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
               FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )
    idempotency_1.create()
    idempotency_2.create()


def downgrade() -> None:
    idempotency_2.drop()
    idempotency_1.drop()
    for table in TABLES:
        op.drop_table(table)
    append_only_1.unprotect()
    op.drop_column("unit", "parent")


def _create_seasons() -> None:
    op.create_table(
        "season",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("code"),
        text("title"),
        text("owner", nullable=True, comment="Unit that runs it for the units below; empty: the city"),
        text("set_code"),
        text("set_version"),
        text("set_sha256"),
        text("period"),
        sa.Column("appraisers", postgresql.JSONB(), nullable=False, comment="Field → unit that appraises it"),
        sa.Column("findings_below", sa.Numeric(), comment="Share of a criterion's points below which it is a finding"),
        instant("self_scores_until"),
        instant("appraisal_1_until"),
        instant("explanations_until"),
        instant("appraisal_2_until"),
        instant("council_until"),
        instant("objections_until"),
        instant("opened_at"),
        instant("published_at", nullable=True),
        instant("cancelled_at", nullable=True),
        integer("version"),
        sa.PrimaryKeyConstraint("id", name="pk_season"),
        sa.UniqueConstraint("code", name="uq_season_code"),
    )
    op.create_index("ix_season_set_period", "season", ["set_code", "period", "id"])
    op.create_table(
        "season_history",
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        integer("version"),
        *(text(name) for name in ("action", "status", "unit")),
        *(text(name, nullable=True) for name in ("from_status", "from_unit", "actor", "role", "note")),
        *(instant(name) for name in ("at", "recorded_at")),
        sa.Column("details", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.PrimaryKeyConstraint("season_id", "version", name="pk_season_history"),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name="fk_season_history_season_id_season"),
        comment="Every change, append only",
    )
    op.create_table(
        "season_unit",
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        text("unit"),
        text("name", comment="When the season opened; so is its kind"),
        text("kind"),
        integer("version", comment="Counts what was entered of the unit"),
        sa.PrimaryKeyConstraint("season_id", "unit", name="pk_season_unit"),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name="fk_season_unit_season_id_season"),
    )


def _create_entries() -> None:
    op.create_table(
        "season_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        text("unit"),
        text("criterion"),
        text("step"),
        sa.Column("points", sa.Numeric()),
        sa.Column("details", postgresql.JSONB(), nullable=False),
        text("actor"),
        text("role"),
        text("actor_unit", nullable=True),
        instant("at"),
        sa.PrimaryKeyConstraint("id", name="pk_season_entry"),
        sa.ForeignKeyConstraint(["season_id"], ["season.id"], name="fk_season_entry_season_id_season"),
        comment="What was entered of each criterion, append only",
    )
    op.create_index("ix_season_entry_season_unit", "season_entry", ["season_id", "unit", "id"])


def _create_ledger() -> None:
    op.create_table(
        "ledger_link",
        text("owner", comment="Unit that runs the seasons; empty: the city"),
        text("set_code"),
        integer("number"),
        text("season"),
        text("period"),
        integer("corrects", nullable=True, comment="Number of the link that it corrects"),
        text("reason", nullable=True, comment="Why it corrects it"),
        text("document", comment="Canonical JSON"),
        text("sha256"),
        instant("published_at"),
        text("actor", comment="Subject of the token of who published it"),
        sa.PrimaryKeyConstraint("owner", "set_code", "number", name="pk_ledger_link"),
    )
    op.create_index("ix_ledger_link_season", "ledger_link", ["season", "number"])
    op.create_table(
        "ledger_unit",
        text("owner"),
        text("set_code"),
        integer("number"),
        text("unit"),
        text("heading", comment="Its part of the document as JSON, without criteria"),
        text("criteria", comment="The criteria of its part as JSON"),
        sa.PrimaryKeyConstraint("owner", "set_code", "number", "unit", name="pk_ledger_unit"),
        comment="The documents of links by unit: one card is read without reading all",
    )
    op.create_table(
        "frozen_number",
        text("unit"),
        text("period"),
        text("indicator"),
        text("season", comment="The published season that was the first to read it"),
        sa.PrimaryKeyConstraint("unit", "period", "indicator", name="pk_frozen_number"),
    )
