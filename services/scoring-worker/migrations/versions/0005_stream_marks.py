"""Versions, parked events and positions tell which event they speak of."""

from cchc_shared.storage.ddl import inbox_3, positions_2

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add what tells one event from another."""
    inbox_3.upgrade()
    positions_2.upgrade()


def downgrade() -> None:
    """Undo `upgrade`."""
    positions_2.downgrade()
    inbox_3.downgrade()
