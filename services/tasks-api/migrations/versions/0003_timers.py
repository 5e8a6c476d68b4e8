"""What is due at a time: the worker's timers and ticks."""

from cchc_shared.storage.ddl import timers_1

revision = "0003"
down_revision = "0002"
upgrade, downgrade = timers_1.create, timers_1.drop
