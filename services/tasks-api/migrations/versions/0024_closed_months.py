"""Reporting months of tasks as they were closed; they never change. A new table: nothing waits for a lock."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "closed_months",
        text("month", comment="YYYY-MM"),
        integer("version"),
        text("document", comment="The sheet as JSON, with the rows of all units"),
        text("sha256", comment="Of the document in UTF-8, in hexadecimal"),
        instant("known_at", comment="What was recorded before it is counted"),
        instant("closed_at"),
        text("reason", nullable=True, comment="Of a correction; null: closed by itself"),
        text("actor", nullable=True, comment="Subject of the token of who made it; null: closed by itself"),
        sa.PrimaryKeyConstraint("month", "version", name="pk_closed_months"),
        sa.CheckConstraint(
            "sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')",
            name=op.f("ck_closed_months_is_what_was_closed"),
        ),
    )
    op.execute(
        """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON closed_months
           FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
    )


def downgrade() -> None:
    op.drop_table("closed_months")
