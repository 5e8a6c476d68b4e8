"""What is due at a time: one-off timers, and the last slot of each periodic tick."""

import sqlalchemy as sa
from alembic import op

from cchc_shared.storage.ddl.columns import instant, text


def create() -> None:
    """The tables `timer` and `tick`."""
    op.create_table(
        "timer",
        text("kind"),
        text("key", comment="What it is about, such as the code of a task"),
        instant("due_at", comment="As of when its effect holds"),
        instant("fires_at", comment="When it is tried next: its due time, later after a failure"),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", name="pk_timer"),
    )
    op.create_index("ix_timer_fires_at", "timer", ["kind", "fires_at"])
    op.create_table(
        "tick",
        text("kind"),
        instant("slot", comment="The last one that was run"),
        sa.PrimaryKeyConstraint("kind", name="pk_tick"),
    )


def drop() -> None:
    """Undo `create`."""
    for table in ("tick", "timer"):
        op.drop_table(table)
