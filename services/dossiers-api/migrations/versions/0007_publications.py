"""Monthly publications of dossiers; deliveries are found by when they were recorded."""

from alembic import op

from cchc_shared.storage.ddl import publications_1

revision = "0007"
down_revision = "0006"
INDEX = "ix_dossier_delivery_recorded_at"


def upgrade() -> None:
    """Create the index without holding up deliveries, and the tables."""
    with op.get_context().autocommit_block():
        op.create_index(
            INDEX,
            "dossier_delivery",
            ["recorded_at"],
            postgresql_using="brin",
            postgresql_concurrently=True,
            if_not_exists=True,
        )
    publications_1.create()


def downgrade() -> None:
    """Drop them."""
    op.drop_index(INDEX, "dossier_delivery")
    publications_1.drop()
