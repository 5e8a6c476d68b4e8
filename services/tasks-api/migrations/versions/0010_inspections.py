"""Inspections with their history, the tree of their conclusions, and recommendations with theirs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    create_inspections()
    create_history("inspection", "Every change, append only: what an inspection was on any day")
    create_conclusions()
    create_recommendations()
    create_history("recommendation", "Every change, append only: what a recommendation was on any day")


def create_inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("code"),
        text("inspecting_unit"),
        text("inspected_unit"),
        text("subject"),
        text("document_no", comment="of the decision to inspect"),
        sa.Column("unannounced", sa.Boolean(), nullable=False),
        sa.Column("planned_from", sa.Date(), nullable=False),
        sa.Column("planned_to", sa.Date(), nullable=False, comment="inclusive"),
        instant("planned_at"),
        text("status"),
        instant("revealed_at", nullable=True, comment="announced or started; null: the inspected unit knows nothing"),
        instant("started_at", nullable=True),
        text("conclusion_no", nullable=True, comment="number of the document with the conclusions"),
        instant("concluded_at", nullable=True),
        integer("version"),
        sa.PrimaryKeyConstraint("id", name="pk_inspections"),
        sa.UniqueConstraint("code", name="uq_inspections_code"),
    )
    op.create_index("ix_inspections_inspecting_unit_id", "inspections", ["inspecting_unit", "id"])
    op.create_index("ix_inspections_inspected_unit_id", "inspections", ["inspected_unit", "id"])
    op.create_index("ix_inspections_status_id", "inspections", ["status", "id"])


def create_conclusions() -> None:
    op.create_table(
        "conclusions",
        text("inspection"),
        integer("number"),
        text("text"),
        text("responsible_unit"),
        sa.Column("due_on", sa.Date()),
        sa.ForeignKeyConstraint(["inspection"], ["inspections.code"], name="fk_conclusions_inspection"),
        sa.PrimaryKeyConstraint("inspection", "number", name="pk_conclusions"),
        comment="What an inspection found. Whether one is open follows from its recommendations",
    )


def create_recommendations() -> None:
    op.create_table(
        "recommendations",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("code"),
        text("inspection"),
        integer("conclusion"),
        integer("number"),
        text("text"),
        text("responsible_unit"),
        text("inspecting_unit"),
        text("inspected_unit"),
        instant("issued_at"),
        sa.Column("due_on", sa.Date(), nullable=False),
        instant("due_at", comment="first instant after the local day due_on"),
        text("status"),
        instant("reported_at", nullable=True),
        instant("done_at", nullable=True, comment="instant of the report that was confirmed"),
        integer("version"),
        sa.ForeignKeyConstraint(
            ["inspection", "conclusion"],
            ["conclusions.inspection", "conclusions.number"],
            name="fk_recommendations_inspection",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recommendations"),
        sa.UniqueConstraint("code", name="uq_recommendations_code"),
    )
    op.create_index("ix_recommendations_inspection", "recommendations", ["inspection", "conclusion"])
    for unit in ("responsible_unit", "inspecting_unit", "inspected_unit"):
        op.create_index(f"ix_recommendations_{unit}_id", "recommendations", [unit, "id"])
    op.create_index("ix_recommendations_open", "recommendations", ["id"], postgresql_where=sa.text("status <> 'done'"))


def create_history(thing: str, comment: str) -> None:
    table = f"{thing}_history"
    op.create_table(
        table,
        sa.Column(f"{thing}_id", sa.BigInteger(), nullable=False),
        integer("version"),
        text("action"),
        text("from_status", nullable=True),
        text("status"),
        text("from_unit", nullable=True),
        text("unit"),
        text("actor", nullable=True),
        text("role", nullable=True),
        instant("at"),
        instant("recorded_at"),
        text("note", nullable=True),
        sa.Column("details", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'")),
        sa.ForeignKeyConstraint([f"{thing}_id"], [f"{thing}s.id"], name=f"fk_{table}_{thing}_id"),
        sa.PrimaryKeyConstraint(f"{thing}_id", "version", name=f"pk_{table}"),
        comment=comment,
    )
    op.execute(
        f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )


def downgrade() -> None:
    for table in ("recommendation_history", "recommendations", "conclusions", "inspection_history", "inspections"):
        op.drop_table(table)
