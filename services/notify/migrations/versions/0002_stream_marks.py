"""Versions, parked events and positions tell which event they speak of."""

from cchc_shared.storage.ddl import marks_1

revision = "0002"
down_revision = "0001"
upgrade, downgrade = marks_1.upgrade, marks_1.downgrade
