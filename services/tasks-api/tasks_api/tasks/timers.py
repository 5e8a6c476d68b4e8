"""How much is open and how much of it is overdue, for operators: renewed by each API process."""

from datetime import timedelta

from prometheus_client import Gauge

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Refresher
from tasks_api.tasks import repository

OPEN = Gauge("cchc_tasks_open", "Tasks that are neither completed nor closed")
OVERDUE = Gauge("cchc_tasks_overdue", "Open tasks whose last day has passed")


async def count(here: Context) -> None:
    """Look at the table and set the gauges."""
    async with here.engine.connect() as conn:
        found = await repository.count_open(conn, here.clock.now())
    OPEN.set(found.open)
    OVERDUE.set(found.overdue)


COUNT = Refresher("gauges of tasks", timedelta(seconds=15), count)
