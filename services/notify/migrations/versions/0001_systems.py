"""Connected systems, units, and what every consumer has."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl import (
    append_only_1,
    idempotency_1,
    inbox_1,
    inbox_2,
    passed_1,
    positions_1,
    timers_1,
    units_1,
)
from cchc_shared.storage.ddl.columns import instant, integer, text

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create everything."""
    create_systems()
    inbox_1.create()
    positions_1.create()
    inbox_2.upgrade()
    passed_1.create()
    timers_1.create()
    units_1.create()
    idempotency_1.create()


def create_systems() -> None:
    op.create_table(
        "system",
        text("code"),
        integer("version"),
        text("name"),
        text("office", comment="Name of the office that answers for it; nobody's name"),
        _texts("routes", "Areas of the contract, and single operations"),
        _texts("units", "Codes; empty with whole_city alone"),
        sa.Column("whole_city", sa.Boolean(), nullable=False),
        _texts("channels", "Of the reports that it may send"),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        instant("created_at"),
        text("actor", comment="Subject of the token of whoever made this version"),
        instant("at"),
        sa.PrimaryKeyConstraint("code", "version", name="pk_system"),
    )
    append_only_1.protect("system")


def _texts(name: str, comment: str) -> sa.Column[list[str]]:
    return sa.Column(name, postgresql.ARRAY(sa.Text()), nullable=False, comment=comment)


def downgrade() -> None:
    """Drop everything."""
    idempotency_1.drop()
    units_1.drop()
    timers_1.drop()
    passed_1.drop()
    inbox_2.downgrade()
    positions_1.drop()
    inbox_1.drop()
    op.drop_table("system")
    append_only_1.unprotect()
