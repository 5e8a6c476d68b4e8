"""Search without marks, lists of all that one may read, and places; the indexes are made while reports come in.

The words of old reports are made by the worker, which has the letters of every alphabet at hand.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, text

revision = "0020"
down_revision = "0019"

FORMER = """INSERT INTO feedback_former_unit (unit, received_at, code)
    SELECT u, f.received_at, f.code FROM feedback AS f, unnest(f.former_units) AS u WHERE f.former_units <> '{}'
    ON CONFLICT DO NOTHING"""
INDEXES: dict[str, tuple[list[Any], str, str | None]] = {
    "ix_feedback_words": ([sa.text("string_to_array(words, ' ')")], "gin", None),
    "ix_feedback_wordless": (["code"], "btree", "words IS NULL"),
    "ix_feedback_held_by": (["held_by", "received_at", "code"], "btree", "held_by IS NOT NULL"),
    "ix_feedback_strip": ([sa.text("(floor(lat * 100)::integer)"), "lon"], "btree", None),
}


def upgrade() -> None:
    comment = "Unmarked words of title, content, address and channel's id; null: not yet made"
    op.add_column("feedback", text("words", nullable=True, comment=comment))
    op.create_table(
        "feedback_former_unit",
        text("unit"),
        instant("received_at"),
        text("code"),
        sa.PrimaryKeyConstraint("unit", "received_at", "code", name="pk_feedback_former_unit"),
    )
    # By the database, as an index is kept: an older process, which knows nothing of it, hands reports over too.
    op.execute(
        """CREATE FUNCTION remember_former_units() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN
               INSERT INTO feedback_former_unit (unit, received_at, code)
               SELECT u, NEW.received_at, NEW.code FROM unnest(NEW.former_units) AS u ON CONFLICT DO NOTHING;
               RETURN NULL;
           END $$"""
    )
    op.execute(
        """CREATE TRIGGER remember_former_units AFTER UPDATE OF former_units ON feedback
           FOR EACH ROW EXECUTE FUNCTION remember_former_units()"""
    )
    with op.get_context().autocommit_block():
        op.execute(FORMER)
        for name, (columns, kind, where) in INDEXES.items():
            op.create_index(
                name,
                "feedback",
                columns,
                postgresql_using=kind,
                postgresql_where=where and sa.text(where),
                postgresql_concurrently=True,
                if_not_exists=True,
            )
        # Or else the planner takes a rare word for one of two hundred, and walks the list for it.
        op.execute("ALTER INDEX ix_feedback_words ALTER COLUMN 1 SET STATISTICS 1000")
        op.execute("ANALYZE feedback")
        op.drop_index("ix_feedback_search", "feedback", postgresql_concurrently=True, if_exists=True)


def downgrade() -> None:
    op.create_index(
        "ix_feedback_search",
        "feedback",
        [sa.text("to_tsvector('simple', coalesce(title, '') || ' ' || content)")],
        postgresql_using="gin",
    )
    for name in INDEXES:
        op.drop_index(name, "feedback")
    op.execute("DROP TRIGGER remember_former_units ON feedback")
    op.execute("DROP FUNCTION remember_former_units()")
    op.drop_table("feedback_former_unit")
    op.drop_column("feedback", "words")
