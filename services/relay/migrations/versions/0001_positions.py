"""How far each outbox is published, and which relay holds which partition."""

from cchc_shared.storage.ddl import positions_1

revision = "0001"
down_revision = None
upgrade, downgrade = positions_1.create, positions_1.drop
