"""Producers see how many events the relay has parked, while it runs and while it does not."""

from cchc_shared.storage.ddl import parked_1

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the view."""
    parked_1.create()


def downgrade() -> None:
    """Drop it."""
    parked_1.drop()
