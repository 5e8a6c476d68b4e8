"""What a sender wished, which report one answers, and what tells a repetition from other words."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

COLUMNS = (
    ("wished_severity", sa.Text(), "What a sender asked for who may not decide it"),
    ("reply_to", sa.Text(), "The report that its channel says this one answers"),
    ("fingerprint", sa.LargeBinary(), "Keyed digests of the fields as sent; absent without a channel's id"),
)


def upgrade() -> None:
    # Without a default the table is not rewritten: each takes its lock for a moment.
    for name, kind, comment in COLUMNS:
        op.add_column("feedback", sa.Column(name, kind, comment=comment))


def downgrade() -> None:
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("feedback", name)
