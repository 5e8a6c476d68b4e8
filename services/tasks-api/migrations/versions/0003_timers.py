"""What is due at a time: the worker's timers and ticks."""

from cchc_shared.storage.ddl import timers_1

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    timers_1.create()


def downgrade() -> None:
    timers_1.drop()
