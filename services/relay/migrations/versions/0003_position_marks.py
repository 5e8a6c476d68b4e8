"""Positions tell which event they speak of."""

from cchc_shared.storage.ddl import positions_2

revision = "0003"
down_revision = "0002"
upgrade, downgrade = positions_2.upgrade, positions_2.downgrade
