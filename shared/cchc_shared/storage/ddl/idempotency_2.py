"""What a stored answer is about, so that it can be forgotten with it; the index is made while requests come in."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import text


def create() -> None:
    """The column `about` of `idempotency`, with an index of the rows that have it."""
    about = text("about", nullable=True, comment="Code of the thing that the answer shows")
    op.add_column("idempotency", about, if_not_exists=True)  # it stands already where the index did not come to its end
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_idempotency_about",
            "idempotency",
            ["about"],
            postgresql_where=sa.text("about IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def drop() -> None:
    """Undo `create`."""
    op.drop_index("ix_idempotency_about", "idempotency")
    op.drop_column("idempotency", "about")
