"""Monthly publications, and where they hung. `refuse_change` is there, and nothing in them is ever changed."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text


def create() -> None:
    """Create both tables."""
    op.create_table(
        "publication",
        text("month", comment="YYYY-MM"),
        integer("version"),
        text("unit", comment="Code of the unit; empty: the whole city"),
        text("document", comment="The JSON that is published, to the byte"),
        text("sha256", comment="Of the document in UTF-8, in hexadecimal"),
        instant("published_at"),
        sa.Column(
            "known_at", sa.Date(), nullable=False, comment="Figures are as they were known at the end of that day"
        ),
        text("reason", nullable=True, comment="Of a correction; null: closed by itself"),
        text("actor", nullable=True, comment="Subject of the token of who made it; null: closed by itself"),
        sa.PrimaryKeyConstraint("month", "version", "unit", name="pk_publication"),
        sa.CheckConstraint(
            "sha256 = encode(sha256(convert_to(document, 'UTF8')), 'hex')",
            name=op.f("ck_publication_is_what_was_published"),
        ),
    )
    op.create_index("ix_publication_city", "publication", ["month", "version"], postgresql_where=sa.text("unit = ''"))
    op.create_table(
        "publication_posting",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        text("month"),
        integer("version"),
        text("unit"),
        text("place"),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("taken_down_on", sa.Date()),
        instant("recorded_at"),
        text("actor", comment="Subject of the token of who wrote it down; not published"),
        sa.PrimaryKeyConstraint("id", name="pk_publication_posting"),
    )
    op.create_index("ix_publication_posting_month", "publication_posting", ["month", "id"])
    for table in ("publication", "publication_posting"):
        op.execute(
            f"""CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
               FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"""
        )


def drop() -> None:
    """Undo `create`."""
    op.drop_table("publication_posting")
    op.drop_table("publication")
