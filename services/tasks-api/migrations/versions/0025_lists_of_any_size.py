"""What is overdue of a unit, and what holds a word, are found without passing what is neither.

Since when a task is late stands beside each of its units, kept by triggers as an index would be: an older process,
which knows nothing of it, changes tasks too. What is there follows a thousand tasks at a time; the indexes are made
while tasks change.
"""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant

revision = "0025"
down_revision = "0024"

AT_ONCE = 1000
SAME_PATH = "SET search_path FROM CURRENT"
"""For whoever changes a task by hand, and has another path."""
WORDS = sa.text("string_to_array(search, ' ')")
CELL = sa.text("(ARRAY[id / 4096])")


def late(task: str) -> str:
    """The first instant at which an open task that was not reported in time is late; null for any other."""
    at = f"coalesce({task}.late_from, {task}.due_at)"
    return f"""CASE WHEN {task}.status NOT IN ('completed', 'closed') AND ({task}.reported_at < {at}) IS NOT TRUE
                    THEN {at} END"""


KEEP = """UPDATE task_parties SET open_late_at = late_at FROM held WHERE task_id = id
           AND open_late_at IS DISTINCT FROM late_at"""
# What somebody works on is left out, so that neither waits for the other.
BATCH = sa.text(
    f"""WITH wanted AS MATERIALIZED (
            SELECT id FROM tasks WHERE id > :after AND status NOT IN ('completed', 'closed') ORDER BY id LIMIT :limit),
        held AS MATERIALIZED (
            SELECT t.id, {late("t")} AS late_at FROM tasks t JOIN wanted USING (id)
            FOR NO KEY UPDATE OF t SKIP LOCKED),
        kept AS ({KEEP})
        SELECT id, id IN (SELECT id FROM held) AS done FROM wanted"""
)
ONE = sa.text(
    f"""WITH held AS MATERIALIZED (
            SELECT t.id, {late("t")} AS late_at FROM tasks t WHERE t.id = :id FOR NO KEY UPDATE)
        {KEEP}"""
)
ALL = (
    f"UPDATE task_parties SET open_late_at = {late('t')} FROM tasks t WHERE t.id = task_id AND {late('t')} IS NOT NULL"
)


def upgrade() -> None:
    # Each step alone: what holds one table and waits for another would block actions, and they it.
    with op.get_context().autocommit_block():
        comment = "the first instant at which the task, open and not reported in time, is late"
        op.add_column("task_parties", instant("open_late_at", nullable=True, comment=comment), if_not_exists=True)
        _create_triggers()
        if op.get_context().as_sql:  # a script has no rounds
            op.execute(ALL)
        else:
            _follow(op.get_bind())
        op.create_index(
            "ix_task_parties_open_late",
            "task_parties",
            ["unit", "task_id", "open_late_at"],
            postgresql_where=sa.text("open_late_at IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )
        op.execute("ANALYZE task_parties")
        _index_words("ix_tasks_search_cells", [WORDS, CELL], instead_of="ix_tasks_search")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        _index_words("ix_tasks_search", [WORDS], instead_of="ix_tasks_search_cells")
        op.execute("DROP TRIGGER IF EXISTS party_joins ON task_parties")
        op.execute("DROP TRIGGER IF EXISTS parties_follow ON tasks")
        op.execute("DROP FUNCTION IF EXISTS party_joins()")
        op.execute("DROP FUNCTION IF EXISTS parties_follow()")
        op.drop_column("task_parties", "open_late_at", if_exists=True)


def _create_triggers() -> None:
    op.execute(
        f"""CREATE OR REPLACE FUNCTION parties_follow() RETURNS trigger LANGUAGE plpgsql {SAME_PATH} AS $$ BEGIN
               UPDATE task_parties SET open_late_at = {late("NEW")} WHERE task_id = NEW.id;
               RETURN NULL;
           END $$"""
    )
    op.execute(
        f"""CREATE OR REPLACE FUNCTION party_joins() RETURNS trigger LANGUAGE plpgsql {SAME_PATH} AS $$ BEGIN
               SELECT {late("t")} INTO NEW.open_late_at FROM tasks t WHERE t.id = NEW.task_id;
               RETURN NEW;
           END $$"""
    )
    op.execute(
        f"""CREATE OR REPLACE TRIGGER parties_follow AFTER UPDATE OF status, due_at, late_from, reported_at ON tasks
           FOR EACH ROW WHEN ({late("OLD")} IS DISTINCT FROM {late("NEW")}) EXECUTE FUNCTION parties_follow()"""
    )
    op.execute(
        """CREATE OR REPLACE TRIGGER party_joins BEFORE INSERT ON task_parties
           FOR EACH ROW EXECUTE FUNCTION party_joins()"""
    )


def _follow(connection: sa.Connection) -> None:
    """Units of open tasks learn since when these are late. Whoever changes a task later finds the triggers."""
    after, left = 0, list[int]()
    while rows := connection.execute(BATCH, {"after": after, "limit": AT_ONCE}).all():
        left += [row.id for row in rows if not row.done]
        after = max(row.id for row in rows)
    for id_ in left:  # alone: it waits for whoever works on it, and nobody waits for it
        connection.execute(ONE, {"id": id_})


def _index_words(name: str, columns: list[str | sa.TextClause], *, instead_of: str) -> None:
    op.create_index(name, "tasks", columns, postgresql_using="gin", postgresql_concurrently=True, if_not_exists=True)
    # Or else the planner takes a rare word for one of two hundred, and walks the list for it.
    op.execute(f"ALTER INDEX {name} ALTER COLUMN 1 SET STATISTICS 1000")
    op.execute("ANALYZE tasks")
    op.drop_index(instead_of, "tasks", postgresql_concurrently=True, if_exists=True)
