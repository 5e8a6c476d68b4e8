"""A hand-over moves work and not blame: what was missed, reported in time or judged is kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("tasks", sa.Column("planned_due_on", sa.Date(), comment="the last day at first"))
    op.add_column(
        "tasks", sa.Column("late_from", _instant(), comment="due time that its lead missed before it got more time")
    )
    op.add_column("tasks", sa.Column("reported_by", sa.Text()))
    op.add_column("tasks", sa.Column("endorsed_by", sa.Text(), comment="who gave the first approval"))
    op.add_column("tasks", sa.Column("unjustified", ARRAY(sa.Integer()), nullable=False, server_default="{}"))
    op.add_column("task_history", sa.Column("late_from", _instant()))
    op.add_column("task_history", sa.Column("reported_at", _instant()))
    op.add_column("task_history", sa.Column("missed_by", sa.Text(), comment="unit whose duty this change ended unmet"))
    op.alter_column("task_parties", "roles", comment="lead, coordinating, former_lead, assigning, related")
    op.execute(
        """INSERT INTO task_parties (unit, task_id, roles) SELECT assigning_unit, id, '{assigning}' FROM tasks
           ON CONFLICT (unit, task_id) DO UPDATE SET roles = task_parties.roles || EXCLUDED.roles"""
    )


def downgrade() -> None:
    op.execute("UPDATE task_parties SET roles = array_remove(roles, 'assigning') WHERE 'assigning' = ANY(roles)")
    op.execute("DELETE FROM task_parties WHERE roles = '{}'")
    op.alter_column("task_parties", "roles", comment="lead, coordinating, former_lead, related")
    for name in ("missed_by", "reported_at", "late_from"):
        op.drop_column("task_history", name)
    for name in ("unjustified", "endorsed_by", "reported_by", "late_from", "planned_due_on"):
        op.drop_column("tasks", name)


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)
