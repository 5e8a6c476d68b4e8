"""Consultations, notices of deemed consent, submissions, and their histories. New tables: nothing waits for a lock."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _create_consultations()
    _create_history("consultation")
    _create_notices()
    _create_submissions()
    _create_history("submission")


def downgrade() -> None:
    for table in (
        "submission_history", "submissions", "consultation_notices", "consultation_history", "consultations"
    ):  # fmt: skip
        op.drop_table(table)


def _create_consultations() -> None:
    op.create_table(
        "consultations",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("code"),
        text("task"),
        text("asker"),
        text("unit", comment="the unit that is asked"),
        text("kind"),
        sa.Column(
            "deemed_consent",
            sa.Boolean(),
            nullable=False,
            comment="the rule of the kind when the question was asked",
        ),
        text("tell", nullable=True, comment="who is told of silence, by the same rule"),
        text("question"),
        text("relevance"),
        sa.Column("main_contents", postgresql.ARRAY(sa.Text()), nullable=False),
        instant("asked_at"),
        instant("due_at", comment="first instant at which an answer is late"),
        text("status"),
        sa.Column("answer", postgresql.JSONB()),
        sa.Column("late_answer", postgresql.JSONB()),
        instant("late_answered_at", nullable=True),
        text("return_reason", nullable=True),
        instant("ended_at", nullable=True, comment="answered, returned, withdrawn, or the deadline it lapsed at"),
        integer("version"),
        sa.PrimaryKeyConstraint("id", name="pk_consultations"),
        sa.UniqueConstraint("code", name="uq_consultations_code"),
        sa.ForeignKeyConstraint(["task"], ["tasks.code"], name="fk_consultations_task_tasks"),
    )
    for name in ("unit", "asker", "task"):
        op.create_index(f"ix_consultations_{name}_id", "consultations", [name, "id"])
    op.create_index("ix_consultations_asked_at", "consultations", ["asked_at"])
    op.create_index(
        "ix_consultations_open_due_at",
        "consultations",
        ["due_at", "id"],
        postgresql_where=sa.text("status = 'open'"),
    )


def _create_history(of: str) -> None:
    op.create_table(
        f"{of}_history",
        sa.Column(f"{of}_id", sa.BigInteger(), nullable=False),
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
        sa.PrimaryKeyConstraint(f"{of}_id", "version", name=f"pk_{of}_history"),
        sa.ForeignKeyConstraint([f"{of}_id"], [f"{of}s.id"], name=f"fk_{of}_history_{of}_id_{of}s"),
        comment="Every change, append only",
    )
    _protect(f"{of}_history")


def _create_notices() -> None:
    op.create_table(
        "consultation_notices",
        sa.Column("consultation_id", sa.BigInteger(), nullable=False),
        text("number"),
        text("text"),
        text("html"),
        instant("issued_at", comment="the deadline as of which it speaks"),
        instant("recorded_at"),
        sa.PrimaryKeyConstraint("consultation_id", name="pk_consultation_notices"),
        sa.UniqueConstraint("number", name="uq_consultation_notices_number"),
        sa.ForeignKeyConstraint(
            ["consultation_id"],
            ["consultations.id"],
            name="fk_consultation_notices_consultation_id_consultations",
        ),
        comment="Written notices of deemed consent; one for a consultation, never changed",
    )
    _protect("consultation_notices")


def _create_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("code"),
        text("task"),
        text("unit", comment="the unit that submits"),
        text("to_unit", comment="the unit that decides"),
        text("subject"),
        sa.Column("consultations", postgresql.ARRAY(sa.Text()), nullable=False),
        instant("drafted_at"),
        text("status"),
        sa.Column("meetings", postgresql.JSONB(), nullable=False),
        instant("sent_at", nullable=True),
        text("return_reason", nullable=True),
        integer("version"),
        sa.PrimaryKeyConstraint("id", name="pk_submissions"),
        sa.UniqueConstraint("code", name="uq_submissions_code"),
        sa.ForeignKeyConstraint(["task"], ["tasks.code"], name="fk_submissions_task_tasks"),
    )
    for name in ("unit", "to_unit", "task"):
        op.create_index(f"ix_submissions_{name}_id", "submissions", [name, "id"])


def _protect(table: str) -> None:
    """By the function that keeps the history of tasks append-only."""
    op.execute(
        f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )
