"""The work on a task: who does it, its steps, what shows the product, how far it is, and how often it was urged.

Columns without a default that is computed, and new tables: nothing waits for a lock but the index, which is made while
tasks change.
"""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0016"
down_revision = "0015"

COLUMNS = ("urged_at", "urgings", "product_date", "product_number", "officer")


def upgrade() -> None:
    op.add_column("tasks", text("officer", nullable=True, comment="subject of the token of who does it"))
    op.add_column(
        "tasks",
        text("product_number", nullable=True, comment="number of the document in which the product was issued"),
    )
    op.add_column("tasks", sa.Column("product_date", sa.Date(), comment="date of that document"))
    op.add_column("tasks", integer("urgings", server_default="0"))
    op.add_column("tasks", instant("urged_at", nullable=True))
    _create_steps()
    _create_evidence()
    _create_progress_reports()
    op.create_table(
        "task_discarded_object",
        text("key"),
        instant("due_at"),
        sa.PrimaryKeyConstraint("key", name="pk_task_discarded_object"),
    )
    op.create_index("ix_task_discarded_object_due_at", "task_discarded_object", ["due_at"])
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_tasks_officer_id",
            "tasks",
            ["officer", "id"],
            postgresql_where=sa.text("officer IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    for table in ("task_discarded_object", "task_progress_reports", "task_evidence", "task_steps"):
        op.drop_table(table)
    for name in COLUMNS:
        op.drop_column("tasks", name)


def _create_steps() -> None:
    op.create_table(
        "task_steps",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        integer("position", comment="order within the task; of steps that stand, from 1"),
        text("text"),
        sa.Column("due_on", sa.Date()),
        instant("added_at"),
        text("added_by"),
        instant("changed_at", nullable=True),
        text("changed_by", nullable=True),
        instant("done_at", nullable=True),
        text("done_by", nullable=True),
        instant("removed_at", nullable=True),
        text("removed_by", nullable=True),
        integer("version"),
        sa.PrimaryKeyConstraint("id", name="pk_task_steps"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_steps_task_id_tasks"),
        comment="The procedure of a task: its steps, in their order; what was removed stays as a trace",
    )
    op.create_index("ix_task_steps_task_id_position", "task_steps", ["task_id", "position"])


def _create_evidence() -> None:
    op.create_table(
        "task_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        text("code", comment="of the task: the folder of its objects"),
        integer("number", comment="within the task: the name that readers see has it"),
        text("caption", nullable=True),
        text("url", nullable=True, comment="of a link; what follows is of a file"),
        text("media_type", nullable=True),
        integer("size", nullable=True),
        sa.Column("sha256", sa.LargeBinary(), comment="of the bytes that are kept and served"),
        sa.Column("source_sha256", sa.LargeBinary(), comment="of the file as it was sent"),
        sa.Column("scanned", sa.Boolean(), nullable=False, comment="whether a scanner looked and found no malware"),
        text("unit", comment="the lead at that time"),
        instant("added_at"),
        text("added_by"),
        instant("removed_at", nullable=True),
        text("removed_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_task_evidence"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_evidence_task_id_tasks"),
        comment="Files and links that show the product of a task; what was removed stays as a trace, without its bytes",
    )
    op.create_index("uq_task_evidence_task_id_number", "task_evidence", ["task_id", "number"], unique=True)
    op.create_index(
        "uq_task_evidence_source",
        "task_evidence",
        ["task_id", "source_sha256"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL AND source_sha256 IS NOT NULL"),
    )


def _create_progress_reports() -> None:
    op.create_table(
        "task_progress_reports",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.SmallInteger(), nullable=False),
        text("content"),
        text("obstacles", nullable=True),
        text("unit", comment="the lead at that time"),
        instant("reported_at"),
        text("reported_by"),
        text("answer", nullable=True, comment="of the assigning unit to the obstacles; given once"),
        instant("answered_at", nullable=True),
        text("answered_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_task_progress_reports"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_progress_reports_task_id_tasks"),
        comment="How far a task is, as its lead reports before it is done; never changed, but for one answer",
    )
    op.create_index("ix_task_progress_reports_task_id_id", "task_progress_reports", ["task_id", "id"])
    op.create_index(
        "ix_task_progress_reports_unanswered",
        "task_progress_reports",
        ["id"],
        postgresql_where=sa.text("obstacles IS NOT NULL AND answered_at IS NULL"),
    )
