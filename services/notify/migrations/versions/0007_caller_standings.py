"""What callers owe to the gateways together."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table; it is not logged, since it may be empty after a crash and is written every second."""
    op.create_table(
        "caller_standing",
        text("key", comment="A class of requests and a digest of the caller"),
        integer("window_seconds", comment="In which all of the quota comes back"),
        instant("full_at", comment="When all will have come back"),
        sa.PrimaryKeyConstraint("key", name="pk_caller_standing"),
        prefixes=["UNLOGGED"],
    )
    op.create_index("ix_caller_standing_full_at", "caller_standing", ["full_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("caller_standing")
