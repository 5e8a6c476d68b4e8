"""All tables of this service, for its migrations and for what every feature uses."""

from cchc_shared.storage.idempotency import idempotency_table
from cchc_shared.stream.outbox import outbox_table
from tasks_api.metadata import METADATA
from tasks_api.plans.models import plans
from tasks_api.tasks.models import task_history, task_parties, tasks
from tasks_api.units.models import units

idempotency = idempotency_table(METADATA)
outbox = outbox_table(METADATA)

__all__ = ["METADATA", "idempotency", "outbox", "plans", "task_history", "task_parties", "tasks", "units"]
