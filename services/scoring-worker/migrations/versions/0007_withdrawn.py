"""Occurrences that were withdrawn: a judgement of the desk can be."""

from alembic import op

from cchc_shared.storage.ddl.columns import instant

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("occurrence", instant("withdrawn_at", nullable=True))


def downgrade() -> None:
    op.drop_column("occurrence", "withdrawn_at")
