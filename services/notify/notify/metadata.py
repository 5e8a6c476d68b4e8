"""SQLAlchemy `MetaData` shared by all features of this service, with the tables that several services have."""

from cchc_shared.directory.models import units_table
from cchc_shared.storage.database import metadata
from cchc_shared.storage.idempotency import idempotency_table
from cchc_shared.storage.timers import timer_tables
from cchc_shared.stream.tables import stream_tables

METADATA = metadata()
idempotency_table(METADATA)
timer_tables(METADATA)
stream_tables(METADATA)
units_table(METADATA)
