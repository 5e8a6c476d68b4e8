"""Seals name their key; who read a contact is written down; what is erased leaves a tombstone."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    comment = "Of the key that sealed it; null: a seal that is older than the naming of keys"
    op.add_column("feedback_contact", text("key_id", nullable=True, comment=comment))
    op.add_column("feedback_contact", integer("version", server_default=sa.text("1")))
    comment = "contact: its sender is not known any more; text: neither are its words"
    op.add_column("feedback", text("erased", nullable=True, comment=comment))
    create_accesses()
    create_erasures()


def create_accesses() -> None:
    op.create_table(
        "contact_access",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        text("code"),
        text("action"),
        instant("at"),
        text("role", comment="sender: the person who sent the report"),
        text("actor", nullable=True, comment="Subject of an official's token; empty for the sender"),
        text("unit", nullable=True),
        text("purpose", nullable=True, comment="A code of the city's list"),
        sa.PrimaryKeyConstraint("id", name="pk_contact_access"),
    )
    op.create_index("ix_contact_access_code", "contact_access", ["code", "id"])
    append_only("contact_access")


def create_erasures() -> None:
    op.create_table(
        "feedback_erasure",
        text("code"),
        text("what"),
        instant("at"),
        text("rule", nullable=True, comment="Of the city's document, with its version; null: asked for"),
        text("rules_version", nullable=True),
        text("reason", nullable=True, comment="A code of the city's list; null: by the rule"),
        text("actor", nullable=True),
        sa.PrimaryKeyConstraint("code", "what", name="pk_feedback_erasure"),
    )
    append_only("feedback_erasure")
    op.execute("DROP TRIGGER append_only ON feedback_history")
    op.execute(
        """CREATE TRIGGER append_only BEFORE DELETE OR TRUNCATE ON feedback_history
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )
    # A row of history may lose its words and its sender, once a tombstone stands for its report. Nothing else of it
    # changes, and nothing comes back.
    op.execute(
        """CREATE FUNCTION only_erase() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN
               IF NOT EXISTS (SELECT FROM feedback_erasure AS e WHERE e.code = OLD.code)
                   OR to_jsonb(NEW) - ARRAY['note', 'details', 'actor']
                       IS DISTINCT FROM to_jsonb(OLD) - ARRAY['note', 'details', 'actor']
                   OR (NEW.note IS NOT NULL AND NEW.note IS DISTINCT FROM OLD.note)
                   OR (NEW.actor IS NOT NULL AND NEW.actor IS DISTINCT FROM OLD.actor)
                   OR (NEW.details <> '{}' AND NEW.details IS DISTINCT FROM OLD.details)
               THEN RAISE EXCEPTION 'history is append-only'; END IF;
               RETURN NEW;
           END $$"""
    )
    op.execute(
        """CREATE TRIGGER only_erase BEFORE UPDATE ON feedback_history
           FOR EACH ROW EXECUTE FUNCTION only_erase()"""
    )


def append_only(table: str) -> None:
    op.execute(
        f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )


def downgrade() -> None:
    op.execute("DROP TRIGGER only_erase ON feedback_history")
    op.execute("DROP FUNCTION only_erase()")
    op.execute("DROP TRIGGER append_only ON feedback_history")
    append_only("feedback_history")
    op.drop_table("feedback_erasure")
    op.drop_table("contact_access")
    op.drop_column("feedback", "erased")
    op.drop_column("feedback_contact", "version")
    op.drop_column("feedback_contact", "key_id")
