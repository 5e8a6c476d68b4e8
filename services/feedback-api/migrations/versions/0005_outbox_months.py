"""The outbox in months; producers see how far this consumer has read."""

from cchc_shared.storage.ddl import outbox_2, passed_1

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    outbox_2.upgrade()
    passed_1.create()


def downgrade() -> None:
    passed_1.drop()
    outbox_2.downgrade()
