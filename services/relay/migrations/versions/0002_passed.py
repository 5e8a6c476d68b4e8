"""Producers see how far the relay has read."""

from cchc_shared.storage.ddl import passed_1

revision = "0002"
down_revision = "0001"
upgrade, downgrade = passed_1.create, passed_1.drop
