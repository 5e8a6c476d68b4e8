"""Open tasks by when they are late: a list of what is overdue passes what is not, without a look at it. Made and
dropped while tasks change."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

OPEN = sa.text("status NOT IN ('completed', 'closed')")
LATE: list[str | sa.TextClause] = ["id", sa.text("COALESCE(late_from, due_at)"), "reported_at"]


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_tasks_open_late",
            "tasks",
            LATE,
            postgresql_where=OPEN,
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.execute("ANALYZE tasks")
        op.drop_index("ix_tasks_open", "tasks", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_tasks_open",
            "tasks",
            ["id"],
            postgresql_where=OPEN,
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.drop_index("ix_tasks_open_late", "tasks", postgresql_concurrently=True, if_exists=True)
