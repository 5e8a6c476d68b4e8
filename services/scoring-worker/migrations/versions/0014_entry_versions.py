"""Each entry of a season knows which version it made of its unit's card: so each criterion has a version of its own."""

from alembic import op

from cchc_shared.storage.ddl.columns import integer

revision = "0014"
down_revision = "0013"

COMMENT = "Of the unit's card with it"


def upgrade() -> None:
    op.add_column("season_entry", integer("version", nullable=True, comment=COMMENT))
    # What is entered together has one time, and counts once.
    op.execute("ALTER TABLE season_entry DISABLE TRIGGER append_only")
    op.execute(
        """UPDATE season_entry e SET version = counted.version
           FROM (SELECT id, 1 + dense_rank() OVER (PARTITION BY season_id, unit ORDER BY at) AS version
                 FROM season_entry) counted
           WHERE counted.id = e.id"""
    )
    op.execute("ALTER TABLE season_entry ENABLE TRIGGER append_only")
    op.alter_column("season_entry", "version", nullable=False)


def downgrade() -> None:
    op.drop_column("season_entry", "version")
