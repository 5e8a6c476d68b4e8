"""Columns of the inbox get the field's words."""

from cchc_shared.storage.ddl import inbox_2

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    inbox_2.upgrade()


def downgrade() -> None:
    inbox_2.downgrade()
