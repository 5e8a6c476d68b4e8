"""How far each outbox is published, and which relay holds which partition."""

from cchc_shared.storage.ddl import positions_1

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    positions_1.create()


def downgrade() -> None:
    positions_1.drop()
