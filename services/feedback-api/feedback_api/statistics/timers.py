"""How much is open and how much of it is overdue, for operators: renewed by each API process."""

from datetime import timedelta

from prometheus_client import Gauge

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Refresher
from feedback_api.statistics import repository

OPEN = Gauge("cchc_feedback_open", "Reports that are not answered yet")
OVERDUE = Gauge("cchc_feedback_overdue", "Reports that are not answered although their due time is reached")


async def count(here: Context) -> None:
    """Look at the table and set the gauges."""
    async with here.engine.connect() as conn:
        found = await repository.count_open(conn, here.clock.now())
    OPEN.set(found.open)
    OVERDUE.set(found.overdue)


COUNT = Refresher("gauges of reports", timedelta(seconds=15), count)
