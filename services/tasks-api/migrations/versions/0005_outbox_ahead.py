"""Readers learn of events that this server cannot have written."""

from cchc_shared.storage.ddl import outbox_3

revision = "0005"
down_revision = "0004"
upgrade, downgrade = outbox_3.upgrade, outbox_3.downgrade
