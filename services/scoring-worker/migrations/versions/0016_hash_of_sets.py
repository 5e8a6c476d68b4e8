"""Nobody reads the hash that was stored of an index set: it is reckoned from the document, which never changes."""

from alembic import op

from cchc_shared.storage.ddl.columns import text

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.execute("-- squawk-ignore ban-drop-column\nALTER TABLE index_set DROP COLUMN sha256")


def downgrade() -> None:
    op.add_column("index_set", text("sha256", server_default=""))
    op.alter_column("index_set", "sha256", server_default=None)
