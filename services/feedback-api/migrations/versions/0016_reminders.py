"""What was said of due times and when to look again; parts of a report; and who follows one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, text

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    # Without a default the table is not rewritten: each takes its lock for a moment.
    op.add_column("feedback", instant("remind_at", nullable=True))
    op.add_column(
        "feedback",
        sa.Column("reminded", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'")),
    )
    op.add_column("feedback", sa.Column("part_of", sa.Text(), comment="The report that this is one unit's part of"))
    op.add_column("feedback", sa.Column("followers", sa.Integer(), nullable=False, server_default="0"))
    # An instance that is older than this column leaves it to the worker, which looks at the report at once.
    op.alter_column("feedback", "remind_at", server_default=sa.text("now()"))
    op.create_table(
        "feedback_follower",
        text("code"),
        sa.Column("sub", sa.Text(), nullable=False, comment="The subject of a citizen's token, which names nobody"),
        instant("since"),
        sa.PrimaryKeyConstraint("code", "sub", name="pk_feedback_follower"),
    )
    op.create_index("ix_feedback_follower_sub", "feedback_follower", ["sub", "since", "code"])


def downgrade() -> None:
    op.drop_table("feedback_follower")
    for name in ("followers", "part_of", "reminded", "remind_at"):
        op.drop_column("feedback", name)
