"""Schedules of tasks, and which occurrence of each rhythm comes next. Nothing waits for a lock for long."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from cchc_shared.storage.ddl.columns import instant, integer

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column(
        "tasks",
        sa.Column(
            "schedule", JSONB(), comment="what its wording says beside the last day: milestones, rhythms, trigger"
        ),
    )
    op.create_table(
        "task_rhythms",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        integer("number", comment="place of the rhythm in the schedule of the task"),
        sa.Column("next_on", sa.Date(), nullable=False, comment="last day of the next occurrence"),
        instant("create_at", comment="instant as of which it is assigned"),
        sa.PrimaryKeyConstraint("task_id", "number", name="pk_task_rhythms"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_rhythms_task_id_tasks"),
        comment="Which occurrence of each rhythm is assigned next; no row once a rhythm has ended",
    )
    op.create_index("ix_task_rhythms_create_at", "task_rhythms", ["create_at"])


def downgrade() -> None:
    op.drop_table("task_rhythms")
    op.drop_column("tasks", "schedule")
