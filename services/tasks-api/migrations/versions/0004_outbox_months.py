"""The outbox in months."""

from cchc_shared.storage.ddl import outbox_2

revision = "0004"
down_revision = "0003"
upgrade, downgrade = outbox_2.upgrade, outbox_2.downgrade
