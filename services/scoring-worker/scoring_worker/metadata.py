"""SQLAlchemy `MetaData` shared by all features of this service."""

from cchc_shared.storage.database import metadata
from cchc_shared.storage.idempotency import idempotency_table
from cchc_shared.storage.timers import timer_tables
from cchc_shared.stream.tables import stream_tables

METADATA = metadata()
stream_tables(METADATA)
timer_tables(METADATA)
idempotency_table(METADATA)
