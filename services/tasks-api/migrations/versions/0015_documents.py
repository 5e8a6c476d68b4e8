"""Documents that tasks come from, beside plans."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("code"),
        text("kind", comment="incoming, meeting, petition, decision"),
        text("number", comment="empty: it has none"),
        sa.Column("dated_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        text("sender"),
        text("subject"),
        text("unit", comment="which registered it, and assigns what comes of it"),
        instant("registered_at"),
        text("registered_by"),
        integer("version"),
        text("search", comment="unmarked words of code, number, sender and subject"),
        sa.PrimaryKeyConstraint("id", name="pk_documents"),
        sa.UniqueConstraint("code", name="uq_documents_code"),
        comment="Documents that tasks come from, beside plans",
    )
    op.create_index("ix_documents_unit_id", "documents", ["unit", "id"])
    op.create_index("ix_documents_kind_id", "documents", ["kind", "id"])
    op.execute("CREATE INDEX ix_documents_search ON documents USING gin (string_to_array(search, ' '::text))")
    op.add_column(
        "tasks", text("document", nullable=True, comment="code of the registered document that it comes from")
    )
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_tasks_document_id",
            "tasks",
            ["document", "id"],
            postgresql_where=sa.text("document IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_tasks_document_id", "tasks")
    op.drop_column("tasks", "document")
    op.drop_table("documents")
