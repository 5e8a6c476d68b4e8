"""SQLAlchemy `MetaData` shared by all features of this service, with the tables that several services have."""

from cchc_shared.storage.changes import generation_table
from cchc_shared.storage.database import metadata
from cchc_shared.storage.idempotency import idempotency_table
from cchc_shared.storage.timers import timer_tables
from cchc_shared.stream.outbox import outbox_table

METADATA = metadata()
outbox = outbox_table(METADATA)
idempotency_table(METADATA)
timer_tables(METADATA)
generation_table(METADATA)
