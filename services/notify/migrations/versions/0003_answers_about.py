"""What a stored answer is about, so that it can be forgotten with it."""

from cchc_shared.storage.ddl import idempotency_2

revision = "0003"
down_revision = "0002"
upgrade, downgrade = idempotency_2.create, idempotency_2.drop
