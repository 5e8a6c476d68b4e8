"""A plan is its issuer, number and year; it was its number and year, whoever issued it."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.create_index(
            "ux_plans_identity", "plans", ["identity"], unique=True, postgresql_concurrently=True, if_not_exists=True
        )
    op.execute(sa.text("ALTER TABLE plans DROP CONSTRAINT IF EXISTS uq_plans_document_no_issued_year"))


def downgrade() -> None:
    op.create_unique_constraint("uq_plans_document_no_issued_year", "plans", ["document_no", "issued_year"])
    with op.get_context().autocommit_block():
        op.drop_index("ux_plans_identity", "plans", postgresql_concurrently=True, if_exists=True)
