"""The field's words: `held` becomes `blocked`, `settled` becomes `resolution`."""

from alembic import op

# The naming convention put its prefix before the names that version 1 gave, which had it already.
_RENAMED = (
    ("stream_version", "held", "blocked", "ck_stream_version_ck_stream_version_held", "ck_stream_version_blocked"),
    ("parked_event", "settled", "resolution", "ck_parked_event_ck_parked_event_settled", "ck_parked_event_resolution"),
)


def upgrade() -> None:
    """Rename the columns with their constraints; only the catalogue changes."""
    for table, old, new, old_check, new_check in _RENAMED:
        op.alter_column(table, old, new_column_name=new)
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {old_check} TO {new_check}")


def downgrade() -> None:
    """Undo `upgrade`."""
    for table, old, new, old_check, new_check in _RENAMED:
        op.alter_column(table, new, new_column_name=old)
        op.execute(f"ALTER TABLE {table} RENAME CONSTRAINT {new_check} TO {old_check}")
