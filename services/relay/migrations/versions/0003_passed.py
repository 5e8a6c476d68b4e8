"""Producers see how far the relay has read."""

from cchc_shared.storage.ddl import passed_1

revision = "0003"
down_revision = "0002"
upgrade, downgrade = passed_1.create, passed_1.drop
