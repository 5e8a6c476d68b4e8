"""How far ahead the calendar is decided, for operators: a deadline beyond that is only provisional."""

from datetime import timedelta
from typing import Final

from prometheus_client import Gauge
from structlog import get_logger

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Refresher

log = get_logger()

EVERY: Final = timedelta(hours=1)
NOTICE_DAYS: Final = 60
"""So long before an undecided day operators are told: in the log, and by the alert `CalendarUndecided`."""
DECIDED_DAYS: Final = Gauge(
    "cchc_calendar_decided_days", "Days from today until the first of which it is not decided whether it is worked"
)


async def look(here: Context) -> None:
    """Set the gauge, and say so where the calendar will soon be at its end."""
    today = here.calendar.local_date(here.clock.now())
    undecided = here.calendar.first_undecided(today)
    days = (undecided - today).days
    DECIDED_DAYS.set(days)
    if days < NOTICE_DAYS:
        log.warning(
            "calendar undecided", since=undecided.isoformat(), days=days, calendar=here.calendar.document.version
        )


OUTLOOK: Final = Refresher("outlook of the calendar", EVERY, look)
