"""Producers see how far this consumer has read."""

from cchc_shared.storage.ddl import passed_1

revision = "0006"
down_revision = "0005"
upgrade, downgrade = passed_1.create, passed_1.drop
