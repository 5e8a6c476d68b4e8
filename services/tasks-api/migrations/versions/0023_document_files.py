"""Files of documents, and their objects that are to be removed. New tables: nothing waits for a lock."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "document_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        text("code", comment="of the document: the folder of its objects"),
        integer("number", comment="within the document: the name that readers see has it"),
        text("caption", nullable=True),
        text("media_type"),
        integer("size"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False, comment="of the bytes that are kept and served"),
        sa.Column("source_sha256", sa.LargeBinary(), nullable=False, comment="of the file as it was sent"),
        sa.Column("thumbnail_sha256", sa.LargeBinary(), comment="of an image"),
        sa.Column("scanned", sa.Boolean(), nullable=False, comment="whether a scanner looked and found no malware"),
        sa.Column("replaces", sa.Uuid(), comment="the file in whose place it stands"),
        instant("added_at"),
        text("added_by"),
        instant("removed_at", nullable=True),
        text("removed_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_document_files"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="fk_document_files_document_id_documents"),
        sa.ForeignKeyConstraint(["replaces"], ["document_files.id"], name="fk_document_files_replaces_document_files"),
        comment="Files of documents; what was taken back stays as a trace, without its bytes",
    )
    op.create_index("uq_document_files_document_id_number", "document_files", ["document_id", "number"], unique=True)
    op.create_index("ix_document_files_code", "document_files", ["code"])
    op.create_table(
        "document_discarded_object",
        text("key"),
        instant("due_at"),
        sa.PrimaryKeyConstraint("key", name="pk_document_discarded_object"),
    )
    op.create_index("ix_document_discarded_object_due_at", "document_discarded_object", ["due_at"])


def downgrade() -> None:
    op.drop_table("document_discarded_object")
    op.drop_table("document_files")
