"""The last day that a task had at first, for tasks of before it was kept: from the first row of their history."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

AT_ONCE = 1000
# Ids only grow, and a child has a higher one than its parent. What somebody works on is left out, so that neither waits
# for the other, and comes in the next round.
BATCH = sa.text(
    """WITH missing AS (
           SELECT t.id, h.due_on FROM tasks t JOIN task_history h ON h.task_id = t.id AND h.version = 1
           WHERE t.id > :after AND t.planned_due_on IS NULL AND h.due_on IS NOT NULL
           ORDER BY t.id LIMIT :limit FOR NO KEY UPDATE OF t SKIP LOCKED)
       UPDATE tasks SET planned_due_on = missing.due_on FROM missing WHERE tasks.id = missing.id RETURNING tasks.id"""
)
ONE = sa.text(
    """UPDATE tasks SET planned_due_on = h.due_on FROM task_history h
       WHERE tasks.id = (SELECT t.id FROM tasks t JOIN task_history f ON f.task_id = t.id AND f.version = 1
                         WHERE t.planned_due_on IS NULL AND f.due_on IS NOT NULL ORDER BY t.id LIMIT 1)
         AND h.task_id = tasks.id AND h.version = 1 RETURNING tasks.id"""
)


def upgrade() -> None:
    if op.get_context().as_sql:  # a script has no rounds
        op.execute(
            """UPDATE tasks SET planned_due_on = h.due_on FROM task_history h
               WHERE h.task_id = tasks.id AND h.version = 1 AND tasks.planned_due_on IS NULL"""
        )
        return
    with op.get_context().autocommit_block():
        connection, after = op.get_bind(), 0
        while done := connection.execute(BATCH, {"after": after, "limit": AT_ONCE}).scalars().all():
            after = max(done)
        while connection.execute(ONE).first():  # alone: it waits for whoever works on it, and nobody waits for it
            pass


def downgrade() -> None:
    """The days stay: they are what an older version would have stored."""
