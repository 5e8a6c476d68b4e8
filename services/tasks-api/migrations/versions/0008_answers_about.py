"""Stored answers name what they show, as in every service that keeps some."""

from cchc_shared.storage.ddl import idempotency_2

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    idempotency_2.create()


def downgrade() -> None:
    idempotency_2.drop()
