"""What is seen of the work: marks, targets of plans, plans under plans, and the register of responsibility.

New columns are null, so nothing is rewritten; the indexes of what is there are built while it changes.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("quality", sa.SmallInteger(), comment="mark of the second approval, 1 to 5"))
    op.add_column("plans", text("parent", nullable=True, comment="code of the plan that it carries out"))
    _create_targets()
    _create_register()
    for table in ("plan_targets", "target_values", "responsibility_entries"):
        op.execute(
            f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
               FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )
    with op.get_context().autocommit_block():
        op.create_index("ix_plans_parent", "plans", ["parent"], postgresql_concurrently=True, if_not_exists=True)
        op.create_index(
            "ix_task_history_missed_by",
            "task_history",
            ["missed_by", "task_id"],
            postgresql_where=sa.text("missed_by IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_task_history_missed_by", "task_history")
    for table in ("responsibility_entries", "target_values", "plan_targets"):
        op.drop_table(table)
    op.drop_column("plans", "parent")
    op.drop_column("tasks", "quality")


def _create_targets() -> None:
    op.create_table(
        "plan_targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        integer("version"),
        text("plan"),
        text("text"),
        text("measure", comment="unit in which it is measured"),
        text("comparison"),
        sa.Column("value", sa.Double(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        text("unit", comment="who answers for it"),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        text("actor"),
        text("role"),
        instant("at"),
        sa.PrimaryKeyConstraint("id", "version", name="pk_plan_targets"),
        sa.ForeignKeyConstraint(["plan"], ["plans.code"], name="fk_plan_targets_plan_plans"),
    )
    op.create_index("ix_plan_targets_plan", "plan_targets", ["plan"])
    op.create_table(
        "target_values",
        sa.Column("target", sa.Uuid(), nullable=False),
        text("period"),
        integer("version"),
        sa.Column("value", sa.Double(), nullable=False),
        text("note"),
        sa.Column("period_end", sa.Date(), nullable=False),
        text("actor"),
        text("role"),
        instant("at"),
        sa.PrimaryKeyConstraint("target", "period", "version", name="pk_target_values"),
    )


def _create_register() -> None:
    op.create_table(
        "responsibility_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        integer("version"),
        text("kind"),
        text("unit"),
        sa.Column("happened_on", sa.Date(), nullable=False, comment="day on which the head answered for it"),
        text("head_office"),
        text("head_name", nullable=True),
        text("cause"),
        *(sa.Column(name, postgresql.ARRAY(sa.Text()), nullable=False) for name in ("tasks", "reports", "inspections")),
        text("document_no", nullable=True),
        sa.Column("document_on", sa.Date()),
        text("outcome"),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        text("actor"),
        instant("at"),
        sa.PrimaryKeyConstraint("id", "version", name="pk_responsibility_entries"),
    )
    op.create_index("ix_responsibility_entries_unit", "responsibility_entries", ["unit", "id"])
