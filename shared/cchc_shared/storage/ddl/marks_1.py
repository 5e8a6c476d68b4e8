"""What a consumer keeps tells which event it speaks of: versions, parked events, acts of operators and positions."""

from cchc_shared.storage.ddl import inbox_3, positions_2


def upgrade() -> None:
    """Add what tells one event from another."""
    inbox_3.upgrade()
    positions_2.upgrade()


def downgrade() -> None:
    """Undo `upgrade`."""
    positions_2.downgrade()
    inbox_3.downgrade()
