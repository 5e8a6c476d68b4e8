"""Gauges of open and overdue work for operators, renewed by each API process."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Refresher

EVERY: Final = timedelta(seconds=15)


class Backlog(NamedTuple):
    """Number of open things, and of those whose due time is reached."""

    open: int
    overdue: int


def backlog(what: str, count: Callable[[AsyncConnection, datetime], Awaitable[Backlog]]) -> Refresher:
    """Keeps `cchc_<what>_open` and `cchc_<what>_overdue` at what `count` finds. Make it once for each `what`."""
    still_open = Gauge(f"cchc_{what}_open", f"What is not done yet of {what}")
    overdue = Gauge(f"cchc_{what}_overdue", f"What is not done of {what} although its due time is reached")

    async def look(here: Context) -> None:
        async with here.engine.connect() as conn:
            found = await count(conn, here.clock.now())
        still_open.set(found.open)
        overdue.set(found.overdue)

    return Refresher(f"backlog of {what}", EVERY, look)
