"""What has changed of a list since somebody looked: tasks by the transaction that changed them last.

The indexes are made while tasks change. Tasks of before this stand at the beginning, in the order of their ids.
"""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl import changes_1
from cchc_shared.storage.ddl.columns import instant, text

revision = "0026"
down_revision = "0025"

SAME_PATH = "SET search_path FROM CURRENT"
INDEXES: dict[str, tuple[str, list[str]]] = {
    "ix_tasks_changed": ("tasks", ["changed_in", "id"]),
    "ix_task_parties_changed": ("task_parties", ["unit", "changed_in", "task_id"]),
}


def upgrade() -> None:
    changes_1.create_generation()
    for table in ("tasks", "task_parties"):
        changes_1.add_place(table)
    op.create_table(
        "task_out_of_sight",
        text("unit"),
        sa.Column("task_id", sa.BigInteger(), nullable=False),
        changes_1.place(),
        instant("left_at", server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("unit", "task_id", name="pk_task_out_of_sight"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_out_of_sight_task_id_tasks"),
        comment="Tasks that a unit could read and cannot any more; kept by triggers, and forgotten after 30 days",
    )
    op.create_index("ix_task_out_of_sight_changed", "task_out_of_sight", ["unit", "changed_in", "task_id"])
    op.create_index("ix_task_out_of_sight_left_at", "task_out_of_sight", ["left_at"])
    # By the database, as an index is kept: whatever changes a task, an older process too, nothing is passed over.
    for name, body in FUNCTIONS.items():
        op.execute(f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql {SAME_PATH} AS $$ BEGIN {body} END $$")
    for name, (_, when, function) in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {when} EXECUTE FUNCTION {function}()")
    with op.get_context().autocommit_block():
        for name, (table, columns) in INDEXES.items():
            op.create_index(name, table, columns, postgresql_concurrently=True, if_not_exists=True)


FUNCTIONS = {
    "place_change": "NEW.changed_in := pg_current_xact_id(); RETURN NEW;",
    "parties_see_change": """
        UPDATE task_parties SET changed_in = NEW.changed_in WHERE task_id = NEW.id AND changed_in <> NEW.changed_in;
        RETURN NULL;""",
    # A list shows a task with its children.
    "parents_get_children": """
        UPDATE tasks SET changed_in = pg_current_xact_id()
        WHERE code IN (SELECT parent FROM added WHERE parent IS NOT NULL) AND changed_in <> pg_current_xact_id();
        RETURN NULL;""",
    "party_leaves": """
        INSERT INTO task_out_of_sight (unit, task_id) VALUES (OLD.unit, OLD.task_id)
        ON CONFLICT (unit, task_id) DO UPDATE SET changed_in = EXCLUDED.changed_in, left_at = EXCLUDED.left_at;
        RETURN NULL;""",
    "party_comes_back": """
        DELETE FROM task_out_of_sight g USING added a WHERE g.unit = a.unit AND g.task_id = a.task_id;
        RETURN NULL;""",
}
TRIGGERS = {
    "task_changes": ("tasks", "BEFORE UPDATE ON tasks FOR EACH ROW WHEN (OLD.version <> NEW.version)", "place_change"),
    "parties_see_change": (
        "tasks",
        "AFTER UPDATE ON tasks FOR EACH ROW WHEN (OLD.changed_in <> NEW.changed_in)",
        "parties_see_change",
    ),
    "parents_get_children": (
        "tasks",
        "AFTER INSERT ON tasks REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
        "parents_get_children",
    ),
    "party_changes": (
        "task_parties",
        "BEFORE UPDATE ON task_parties FOR EACH ROW WHEN (OLD.roles IS DISTINCT FROM NEW.roles)",
        "place_change",
    ),
    "party_leaves": ("task_parties", "AFTER DELETE ON task_parties FOR EACH ROW", "party_leaves"),
    "party_comes_back": (
        "task_parties",
        "AFTER INSERT ON task_parties REFERENCING NEW TABLE AS added FOR EACH STATEMENT",
        "party_comes_back",
    ),
}
"""Name, with its table, when it is run, and its function."""


def downgrade() -> None:
    for name, (table, _, _) in TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name} ON {table}")
    for name in FUNCTIONS:
        op.execute(f"DROP FUNCTION {name}()")
    op.drop_table("task_out_of_sight")
    for table in ("task_parties", "tasks"):
        op.drop_column(table, "changed_in")
    changes_1.drop_generation()
