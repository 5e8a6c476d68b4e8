"""What is due at a time."""

from cchc_shared.storage.ddl import timers_1

revision = "0004"
down_revision = "0003"
upgrade, downgrade = timers_1.create, timers_1.drop
