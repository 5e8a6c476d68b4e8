"""Secrets with which a citizen sees their dossier."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create their table."""
    op.create_table(
        "dossier_secret",
        text("code"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of a tracking secret"),
        instant("given_at"),
        text("given_by", comment="Subject of the token of who asked for it"),
        sa.PrimaryKeyConstraint("code", "digest", name="pk_dossier_secret"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("dossier_secret")
