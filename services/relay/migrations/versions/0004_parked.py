"""Events that the broker refuses are parked by their aggregate."""

from cchc_shared.storage.ddl import inbox_1, inbox_2, inbox_3

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables as they are by now."""
    inbox_1.create()
    inbox_2.upgrade()
    inbox_3.upgrade()


def downgrade() -> None:
    """Drop them."""
    inbox_1.drop()
