"""The relay's own tables: how far each outbox is published, which relay holds which partition, and what is parked."""

from cchc_shared.storage.database import metadata
from cchc_shared.stream.tables import stream_tables

METADATA = metadata()
stream_tables(METADATA)
