"""Keys of connected systems: everything of them but themselves."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """The table `api_key`."""
    op.create_table(
        "api_key",
        text("id", comment="The part of the key that may be shown"),
        text("system"),
        text("kind", comment="live, test"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the whole key"),
        instant("created_at"),
        text("created_by", comment="Subject of a token"),
        instant("expires_at"),
        instant("revoked_at", nullable=True),
        text("revoked_by", nullable=True),
        instant("last_used_at", nullable=True, comment="To about a minute"),
        sa.PrimaryKeyConstraint("id", name="pk_api_key"),
    )
    op.create_index("ix_api_key_system", "api_key", ["system"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("api_key")
