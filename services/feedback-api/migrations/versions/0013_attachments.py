"""Attachments of reports, uploads that are not finished, and objects to be removed from the storage."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "feedback_attachment",
        sa.Column("id", sa.Uuid(), nullable=False),
        text("code"),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        text("by"),
        text("uploaded_by", nullable=True),
        instant("uploaded_at"),
        text("purpose"),
        text("caption", nullable=True),
        text("media_type"),
        integer("size"),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("source_sha256", sa.LargeBinary(), nullable=False, comment="Of the file as it was sent"),
        integer("width", nullable=True),
        integer("height", nullable=True),
        sa.Column("thumbnail_sha256", sa.LargeBinary()),
        text("scan"),
        sa.Column("public", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        text("decided_by", nullable=True, comment="Who published or hid it last"),
        instant("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_feedback_attachment"),
    )
    op.create_index("uq_feedback_attachment_number", "feedback_attachment", ["code", "number"], unique=True)
    op.create_index(
        "uq_feedback_attachment_source", "feedback_attachment", ["code", "by", "source_sha256"], unique=True
    )
    op.create_table(
        "feedback_discarded_object",
        text("key"),
        instant("due_at"),
        sa.PrimaryKeyConstraint("key", name="pk_feedback_discarded_object"),
    )
    op.create_index("ix_feedback_discarded_object_due_at", "feedback_discarded_object", ["due_at"])
    op.create_table(
        "feedback_upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        text("code"),
        text("by"),
        text("uploaded_by", nullable=True),
        text("purpose"),
        text("caption", nullable=True),
        integer("length"),
        integer("received", server_default=sa.text("0")),
        sa.Column("parts", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("attachment", sa.Uuid(), comment="What it became"),
        instant("expires_at"),
        sa.PrimaryKeyConstraint("id", name="pk_feedback_upload"),
    )
    op.create_index("ix_feedback_upload_code", "feedback_upload", ["code"])
    op.create_index("ix_feedback_upload_expires_at", "feedback_upload", ["expires_at"])


def downgrade() -> None:
    op.drop_table("feedback_upload")
    op.drop_table("feedback_discarded_object")
    op.drop_table("feedback_attachment")
