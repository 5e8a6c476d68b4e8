"""What is due at a time."""

from cchc_shared.storage.ddl import timers_1

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    timers_1.create()


def downgrade() -> None:
    timers_1.drop()
