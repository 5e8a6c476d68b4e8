"""Surveys that were opened by mistake: who withdrew them, when and why."""

from alembic import op

from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0015"
down_revision = "0014"

COUNTED = "Counted when they were deleted because the survey was withdrawn"
WITHDRAWN = "Its ballots were deleted then, and feed no score"


def upgrade() -> None:
    op.add_column("survey", integer("ballots", nullable=True, comment=COUNTED))
    op.add_column("survey", instant("withdrawn_at", nullable=True, comment=WITHDRAWN))
    op.add_column("survey", text("withdrawn_by", nullable=True, comment="Subject of the token of who withdrew it"))
    op.add_column("survey", text("withdrawn_reason", nullable=True))


def downgrade() -> None:
    for name in ("withdrawn_reason", "withdrawn_by", "withdrawn_at", "ballots"):
        op.drop_column("survey", name)
