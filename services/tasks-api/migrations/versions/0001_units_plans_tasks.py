"""The directory of units, plans, tasks with their parties and history, and what every producer has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl import append_only_1, idempotency_1, outbox_1
from cchc_shared.storage.ddl.columns import instant, text

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_units()
    create_plans()
    create_tasks()
    create_task_parties()
    create_task_history()
    outbox_1.create()
    idempotency_1.create()


def create_units() -> None:
    op.create_table(
        "units",
        text("code"),
        sa.Column("valid_from", sa.Date(), nullable=False, comment="-infinity: since before the records"),
        sa.Column("valid_to", sa.Date(), nullable=False, comment="inclusive; infinity: until further notice"),
        text("name"),
        text("search", comment="the name without marks and capitals"),
        text("kind"),
        text("parent", nullable=True),
        sa.Column("successors", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        instant("changed_at"),
        sa.CheckConstraint("valid_from <= valid_to", name="ck_units_period"),
        sa.PrimaryKeyConstraint("code", "valid_from", name="pk_units"),
    )


def create_plans() -> None:
    op.create_table(
        "plans",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("code"),
        text("document_no"),
        sa.Column("issued_year", sa.Integer(), nullable=False, comment="document numbers begin anew each year"),
        sa.Column("issued_on", sa.Date(), nullable=False),
        text("title"),
        text("issuer"),
        text("assigning_unit"),
        sa.Column("tasks", sa.Integer(), nullable=False, comment="rows of the annex; children are not counted"),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the file and of what was said about it"
        ),
        instant("imported_at"),
        text("imported_by"),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_plans"),
        sa.UniqueConstraint("code", name="uq_plans_code"),
        sa.UniqueConstraint("document_no", "issued_year", name="uq_plans_document_no_issued_year"),
    )


def create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("code"),
        text("plan", nullable=True),
        sa.Column("number", sa.Integer()),
        text("parent", nullable=True),
        text("title"),
        text("lead_unit"),
        sa.Column("coordinating_units", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("former_leads", postgresql.ARRAY(sa.Text()), nullable=False),
        text("assigning_unit"),
        instant("assigned_at"),
        sa.Column("fanned_out", sa.Boolean(), nullable=False),
        text("due_text", comment="the deadline as it was worded"),
        sa.Column("due_on", sa.Date()),
        instant("due_at", nullable=True, comment="first instant after the local day due_on"),
        text("product"),
        text("source"),
        text("urgency"),
        text("status"),
        sa.Column("approvals", sa.Integer(), nullable=False),
        instant("reported_at", nullable=True),
        instant("completed_at", nullable=True, comment="instant of the report that was approved"),
        sa.Column("extensions", sa.Integer(), nullable=False),
        sa.Column("requested_due_on", sa.Date()),
        sa.Column("handovers", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', title || ' ' || product || ' ' || source)", persisted=True),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["parent"], ["tasks.code"], name="fk_tasks_parent"),
        sa.ForeignKeyConstraint(["plan"], ["plans.code"], name="fk_tasks_plan"),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.UniqueConstraint("code", name="uq_tasks_code"),
    )
    op.create_index("ix_tasks_due_on_id", "tasks", ["due_on", "id"])
    op.create_index("ix_tasks_open", "tasks", ["id"], postgresql_where=sa.text("status NOT IN ('completed', 'closed')"))
    op.create_index("ix_tasks_parent", "tasks", ["parent"], postgresql_where=sa.text("parent IS NOT NULL"))
    op.create_index("ix_tasks_plan_id", "tasks", ["plan", "id"])
    op.create_index("ix_tasks_status_id", "tasks", ["status", "id"])
    op.create_index("ix_tasks_words", "tasks", ["words"], postgresql_using="gin")


def create_task_parties() -> None:
    op.create_table(
        "task_parties",
        text("unit"),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "roles", postgresql.ARRAY(sa.Text()), nullable=False, comment="lead, coordinating, former_lead, related"
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_parties_task_id"),
        sa.PrimaryKeyConstraint("unit", "task_id", name="pk_task_parties"),
        comment="Which units may read a task, and what they are to it; groups stand as their members",
    )
    op.create_index("ix_task_parties_task_id", "task_parties", ["task_id"])


def create_task_history() -> None:
    op.create_table(
        "task_history",
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        text("event"),
        instant("occurred_at"),
        instant("recorded_at"),
        text("actor"),
        text("status"),
        text("lead_unit"),
        sa.Column("due_on", sa.Date()),
        instant("completed_at", nullable=True),
        sa.Column(
            "details",
            postgresql.JSONB(),
            nullable=False,
            comment="what was given with the action: reason, content, dates",
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_history_task_id"),
        sa.PrimaryKeyConstraint("task_id", "version", name="pk_task_history"),
        comment="Every change, append only: what a task was on any day",
    )
    append_only_1.protect("task_history")


def downgrade() -> None:
    idempotency_1.drop()
    outbox_1.drop()
    for table in ("task_history", "task_parties", "tasks", "plans", "units"):
        op.drop_table(table)
    append_only_1.unprotect()
