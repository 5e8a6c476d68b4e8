"""What has changed of a list since somebody looked: reports by the transaction that changed them last.

The indexes are made while requests come in. Reports of before this stand at the beginning, in the order of their codes.
"""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl import changes_1
from cchc_shared.storage.ddl.columns import instant, text

revision = "0024"
down_revision = "0023"

INDEXES: dict[str, tuple[str, list[str], str | None]] = {
    "ix_feedback_changed": ("feedback", ["changed_in", "code"], None),
    "ix_feedback_unit_changed": ("feedback", ["unit", "changed_in", "code"], None),
    "ix_feedback_submitted_by_changed": (
        "feedback",
        ["submitted_by", "changed_in", "code"],
        "submitted_by IS NOT NULL",
    ),
    "ix_feedback_held_by_changed": ("feedback", ["held_by", "changed_in", "code"], "held_by IS NOT NULL"),
    "ix_feedback_former_unit_changed": ("feedback_former_unit", ["unit", "changed_in", "code"], None),
}
SHOWN = ("version", "unit", "held_by", "former_units", "submitted_by", "title", "channel_ref", "erased")


def upgrade() -> None:
    changes_1.create_generation()
    for table in ("feedback", "feedback_former_unit"):
        changes_1.add_place(table)
    op.create_table(
        "feedback_out_of_sight",
        text("reader", comment="A unit, or the digest of a sender's subject"),
        text("code"),
        changes_1.place(),
        instant("left_at", server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("reader", "code", name="pk_feedback_out_of_sight"),
    )
    op.create_index("ix_feedback_out_of_sight_changed", "feedback_out_of_sight", ["reader", "changed_in", "code"])
    op.create_index("ix_feedback_out_of_sight_left_at", "feedback_out_of_sight", ["left_at"])
    # By the database, as an index is kept: whatever changes a report, an older process too, nothing is passed over.
    op.execute(
        """CREATE FUNCTION place_change() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN
               NEW.changed_in := pg_current_xact_id();
               IF NEW.former_units <> '{}' THEN
                   UPDATE feedback_former_unit SET changed_in = NEW.changed_in
                   WHERE unit = ANY (NEW.former_units) AND received_at = NEW.received_at AND code = NEW.code;
               END IF;
               IF (NEW.unit, NEW.held_by, NEW.former_units) IS DISTINCT FROM (OLD.unit, OLD.held_by, OLD.former_units)
               THEN
                   DELETE FROM feedback_out_of_sight
                   WHERE code = NEW.code AND reader IN ('unit:' || NEW.unit, 'unit:' || NEW.held_by);
                   INSERT INTO feedback_out_of_sight (reader, code)
                   SELECT DISTINCT 'unit:' || u, NEW.code
                   FROM unnest(ARRAY[OLD.unit, OLD.held_by] || OLD.former_units) AS u
                   WHERE u <> NEW.unit AND u IS DISTINCT FROM NEW.held_by AND u <> ALL (NEW.former_units)
                   ON CONFLICT (reader, code)
                   DO UPDATE SET changed_in = EXCLUDED.changed_in, left_at = EXCLUDED.left_at;
               END IF;
               IF OLD.submitted_by IS NOT NULL AND NEW.submitted_by IS DISTINCT FROM OLD.submitted_by THEN
                   INSERT INTO feedback_out_of_sight (reader, code)
                   VALUES ('sender:' || encode(sha256(convert_to(OLD.submitted_by, 'UTF8')), 'hex'), NEW.code)
                   ON CONFLICT (reader, code)
                   DO UPDATE SET changed_in = EXCLUDED.changed_in, left_at = EXCLUDED.left_at;
               END IF;
               RETURN NEW;
           END $$"""
    )
    before, after = (", ".join(f"{row}.{name}" for name in SHOWN) for row in ("OLD", "NEW"))
    op.execute(
        f"""CREATE TRIGGER place_change BEFORE UPDATE ON feedback FOR EACH ROW
            WHEN (({before}) IS DISTINCT FROM ({after})) EXECUTE FUNCTION place_change()"""
    )
    with op.get_context().autocommit_block():
        for name, (table, columns, where) in INDEXES.items():
            op.create_index(
                name,
                table,
                columns,
                postgresql_where=where and sa.text(where),
                postgresql_concurrently=True,
                if_not_exists=True,
            )


def downgrade() -> None:
    op.execute("DROP TRIGGER place_change ON feedback")
    op.execute("DROP FUNCTION place_change()")
    op.drop_table("feedback_out_of_sight")
    for table in ("feedback_former_unit", "feedback"):
        op.drop_column(table, "changed_in")
    changes_1.drop_generation()
