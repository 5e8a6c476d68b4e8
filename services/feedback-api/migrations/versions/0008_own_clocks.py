"""Clocks of the unit that holds a report, pauses and an extension, and how a report can end.

Reports that were handed over before have no clocks of their own: for them the sender's go on being the holder's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import instant, text

revision = "0008"
down_revision = "0007"

INSTANTS = (
    "published_at", "reopened_at", "ended_at", "held_since", "own_accept_due_at", "own_accepted_at",
    "own_resolve_due_at", "paused_since",
)  # fmt: skip
TEXTS = ("held_by", "refusal", "duplicate_of", "clock_kind", "clock_severity")
STOOD = ("ended_at", "own_accept_due_at", "own_resolve_due_at", "paused_since")
"""Instants that a row of history has too."""


def counter() -> sa.Column[int]:
    return sa.Column("reopenings", sa.SmallInteger(), nullable=False, server_default="0")


def upgrade() -> None:
    for name in INSTANTS:
        op.add_column("feedback", instant(name, nullable=True))
    for name in TEXTS:
        op.add_column("feedback", text(name, nullable=True))
    op.add_column("feedback", sa.Column("pauses", postgresql.JSONB(), nullable=False, server_default=sa.text("'[]'")))
    op.add_column("feedback", sa.Column("extension", postgresql.JSONB()))
    op.add_column(
        "feedback",
        sa.Column("unjustified", postgresql.ARRAY(sa.Integer()), nullable=False, server_default=sa.text("'{}'")),
    )
    op.add_column("feedback", counter())
    op.add_column("feedback", sa.Column("satisfied", sa.Boolean()))
    for name in STOOD:
        op.add_column("feedback_history", instant(name, nullable=True))
    op.add_column("feedback_history", text("held_by", nullable=True))
    op.add_column("feedback_history", text("missed_by", nullable=True))
    op.add_column("feedback_history", counter())
    op.add_column("feedback_history", sa.Column("satisfied", sa.Boolean()))


def downgrade() -> None:
    for name in (*STOOD, "held_by", "missed_by", "reopenings", "satisfied"):
        op.drop_column("feedback_history", name)
    for name in (*INSTANTS, *TEXTS, "pauses", "extension", "unjustified", "reopenings", "satisfied"):
        op.drop_column("feedback", name)
