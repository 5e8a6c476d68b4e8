"""When it was written down that a duty was done or ended, and that an occurrence was withdrawn."""

from alembic import op

from cchc_shared.storage.ddl.columns import instant

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "duty", instant("done_recorded_at", nullable=True, comment="When the producer wrote down that it was done")
    )
    op.add_column(
        "duty", instant("ended_recorded_at", nullable=True, comment="When the producer wrote down that it ended")
    )
    op.add_column("occurrence", instant("withdrawn_recorded_at", nullable=True))


def downgrade() -> None:
    op.drop_column("occurrence", "withdrawn_recorded_at")
    op.drop_column("duty", "ended_recorded_at")
    op.drop_column("duty", "done_recorded_at")
