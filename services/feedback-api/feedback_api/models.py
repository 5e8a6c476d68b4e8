"""Every table of this service, in one MetaData: what the migrations must lead to."""

from cchc_shared.storage.database import metadata
from cchc_shared.storage.idempotency import idempotency_table
from cchc_shared.stream.outbox import outbox_table
from cchc_shared.stream.tables import stream_tables
from feedback_api.contacts.models import contact_table
from feedback_api.directory.models import units_table
from feedback_api.handling.models import feedback_table, history_table

METADATA = metadata()

feedback = feedback_table(METADATA)
history = history_table(METADATA)
contacts = contact_table(METADATA)
units = units_table(METADATA)
outbox = outbox_table(METADATA)
idempotency = idempotency_table(METADATA)
stream_tables(METADATA)
