"""What is published is found whatever became of it since; replies that repeat a report are found by its code."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl import idempotency_2

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    # Published before the instant was kept.
    op.execute(
        """UPDATE feedback AS f SET published_at = (
               SELECT max(h.at) FROM feedback_history AS h WHERE h.code = f.code AND h.action = 'publish')
           WHERE f.status = 'published' AND f.published_at IS NULL"""
    )
    # What made two forms the same is in their fingerprint now, and the client's number in the id of the channel alone.
    op.execute(
        """UPDATE feedback SET form = (form - 'digest') #- '{attributes,fixmystreet_id}'
           WHERE channel = 'open311' AND form IS NOT NULL"""
    )
    idempotency_2.create()
    with op.get_context().autocommit_block():
        op.create_index(
            "ix_feedback_published",
            "feedback",
            ["received_at", "code"],
            postgresql_where=sa.text("published_at IS NOT NULL"),
            postgresql_concurrently=True,
            if_not_exists=True,
        )


def downgrade() -> None:
    op.drop_index("ix_feedback_published", "feedback")
    idempotency_2.drop()
