"""The relay's own tables: how far each outbox is published, and which relay holds which partition."""

from cchc_shared.storage.database import metadata
from cchc_shared.stream.tables import position_tables

METADATA = metadata()
position_tables(METADATA)
