"""SQLAlchemy `MetaData` of this service, with the tables that every producing and consuming service has."""

from cchc_shared.directory.models import units_table
from cchc_shared.publications.models import publication_tables
from cchc_shared.storage.changes import generation_table
from cchc_shared.storage.database import metadata
from cchc_shared.storage.idempotency import idempotency_table
from cchc_shared.storage.timers import timer_tables
from cchc_shared.stream.outbox import outbox_table
from cchc_shared.stream.tables import stream_tables

METADATA = metadata()

outbox = outbox_table(METADATA)
idempotency = idempotency_table(METADATA)
timer_tables(METADATA)
stream_tables(METADATA)
units_table(METADATA)
publication_tables(METADATA)
generation_table(METADATA)
