"""The history of tasks gets the columns that every history has.

It names the action that was taken instead of the event that followed, and what the task was before. The role is filled
in where the action alone tells it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cchc_shared.storage.ddl.columns import text

revision = "0002"
down_revision = "0001"

TABLE = "task_history"
RENAMED = {"event": "action", "occurred_at": "at", "lead_unit": "unit"}
DETAILS = "what was given with the action: reason, content, dates"

ACTIONS = {
    "assigned": "assign",
    "started": "start",
    "reported": "report",
    "report_endorsed": "approve",
    "completed": "approve",
    "report_rejected": "reject",
    "extension_requested": "request_extension",
    "extension_granted": "grant_extension",
    "extension_denied": "deny_extension",
    "returned": "return",
    "transferred": "transfer",
    "close_proposed": "propose_close",
    "closed": "close",
}
"""By event. A fanned-out task changed with its children, whatever the event: `roll_up`."""

EVENTS = {action: event for event, action in ACTIONS.items() if action != "approve"}


def upgrade() -> None:
    for former, name in RENAMED.items():
        op.alter_column(TABLE, former, new_column_name=name)
    for name in ("from_status", "from_unit", "role", "note"):
        op.add_column(TABLE, text(name, nullable=True))
    op.alter_column(TABLE, "actor", nullable=True)
    op.alter_column(
        TABLE,
        "details",
        server_default=sa.text("'{}'"),
        comment=None,
        existing_comment=DETAILS,
        existing_type=postgresql.JSONB(),
        existing_nullable=False,
    )
    _rewrite(
        f"""UPDATE task_history AS h SET
                action = CASE WHEN f.fanned_out AND h.version > 1 THEN 'roll_up' ELSE {_case("h.action", ACTIONS)} END,
                actor = CASE WHEN f.fanned_out AND h.version > 1 THEN NULL ELSE h.actor END,
                role = CASE
                    WHEN f.fanned_out AND h.version > 1 THEN NULL
                    WHEN h.action IN ('completed', 'extension_granted', 'extension_denied', 'closed') THEN 'coordinator'
                    WHEN h.action = 'report_endorsed' THEN 'unit_head'
                    WHEN h.action = 'report_rejected' AND f.before = 'report_endorsed' THEN 'coordinator'
                    WHEN h.action = 'report_rejected' THEN 'unit_head' END,
                note = h.details->>'reason', from_status = f.status, from_unit = f.unit
            FROM (
                SELECT h.task_id, h.version, t.fanned_out, lag(h.action) OVER w AS before,
                       lag(h.status) OVER w AS status, lag(h.unit) OVER w AS unit
                FROM task_history AS h JOIN tasks AS t ON t.id = h.task_id
                WINDOW w AS (PARTITION BY h.task_id ORDER BY h.version)) AS f
            WHERE f.task_id = h.task_id AND f.version = h.version"""
    )


def downgrade() -> None:
    _rewrite(
        f"""UPDATE task_history SET
                actor = coalesce(actor, 'children'),
                action = CASE
                    WHEN action = 'approve' AND status = 'completed' THEN 'completed'
                    WHEN action = 'approve' THEN 'report_endorsed'
                    WHEN action = 'roll_up' AND status IN ('completed', 'closed') THEN status
                    WHEN action = 'roll_up' THEN 'started'
                    ELSE {_case("action", EVENTS)} END"""
    )
    op.alter_column(
        TABLE,
        "details",
        server_default=None,
        comment=DETAILS,
        existing_type=postgresql.JSONB(),
        existing_nullable=False,
    )
    op.alter_column(TABLE, "actor", nullable=False)
    for name in ("from_status", "from_unit", "role", "note"):
        op.drop_column(TABLE, name)
    for former, name in RENAMED.items():
        op.alter_column(TABLE, name, new_column_name=former)


def _rewrite(statement: str) -> None:
    """Change lines of the history, which no transaction but a migration may do."""
    op.execute("ALTER TABLE task_history DISABLE TRIGGER append_only")
    op.execute(statement)
    op.execute("ALTER TABLE task_history ENABLE TRIGGER append_only")


def _case(column: str, values: dict[str, str]) -> str:
    pairs = " ".join(f"WHEN '{before}' THEN '{after}'" for before, after in values.items())
    return f"CASE {column} {pairs} ELSE {column} END"
