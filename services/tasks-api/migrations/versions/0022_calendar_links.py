"""Links to the calendars of units. A new table: nothing waits for a lock."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, text

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "calendar_links",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        text("unit"),
        text("name", comment="for whom or what it is, as its maker called it"),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the secret, which is not kept"),
        instant("created_at"),
        text("created_by"),
        instant("revoked_at", nullable=True),
        text("revoked_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_calendar_links"),
        sa.UniqueConstraint("digest", name="uq_calendar_links_digest"),
        comment="Whoever has the secret of one that is not revoked reads the calendar of its unit",
    )
    op.create_index("ix_calendar_links_unit_id", "calendar_links", ["unit", "id"])


def downgrade() -> None:
    op.drop_table("calendar_links")
