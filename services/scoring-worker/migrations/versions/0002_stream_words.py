"""Columns of the inbox get the field's words."""

from cchc_shared.storage.ddl import inbox_2

revision = "0002"
down_revision = "0001"
upgrade, downgrade = inbox_2.upgrade, inbox_2.downgrade
