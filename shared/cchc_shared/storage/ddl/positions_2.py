"""A position carries a mark of what stands there, so that a log which was made anew is noticed."""

import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    """Add the column; positions of before have no mark until they move."""
    comment = "Id of the event that stands there, where the transport needs it"
    op.add_column("stream_position", sa.Column("mark", sa.Uuid(), nullable=True, comment=comment))


def downgrade() -> None:
    """Undo `upgrade`."""
    op.drop_column("stream_position", "mark")
