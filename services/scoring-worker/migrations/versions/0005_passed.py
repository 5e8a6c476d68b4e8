"""Producers see how far this consumer has read."""

from cchc_shared.storage.ddl import passed_1

revision = "0005"
down_revision = "0004"
upgrade, downgrade = passed_1.create, passed_1.drop
