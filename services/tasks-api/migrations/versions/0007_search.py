"""Search without marks. The words of tasks that are there are made by the worker; the indexes while tasks change."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    comment = "Unmarked words of code, title, product and source; null: not yet made"
    op.add_column("tasks", text("search", nullable=True, comment=comment))
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_tasks_search",
            "tasks",
            [sa.text("string_to_array(search, ' ')")],
            postgresql_using="gin",
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        # Or else the planner takes a rare word for one of two hundred, and walks the list for it.
        op.execute("ALTER INDEX ix_tasks_search ALTER COLUMN 1 SET STATISTICS 1000")
        op.execute("ANALYZE tasks")
        op.create_index(
            "ix_tasks_wordless",
            "tasks",
            ["id"],
            postgresql_where=sa.text("search IS NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_column("tasks", "search")
