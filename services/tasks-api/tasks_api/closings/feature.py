"""Reporting months of tasks: closed by the worker when a month's day is over, read over the API."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Tick
from tasks_api.city import City
from tasks_api.closings.routes import router
from tasks_api.closings.rules import ClosingRules
from tasks_api.closings.service import Months
from tasks_api.units.service import Units


def _open(here: Context) -> Months:
    return Months(
        engine=here.engine,
        reading=here.reading,
        clock=here.clock,
        calendar=here.calendar,
        city=City.load(here.profile),
        rules=ClosingRules.load(here.profile),
        units=here.use(Units),
    )


async def _close(conn: AsyncConnection, _: datetime, here: Context) -> None:
    await here.use(Months).close_due(conn)


FEATURE = Feature(
    "closings",
    provides={Months: _open},
    routers=(router,),
    ticks=(Tick("tasks.close_months", timedelta(minutes=1), _close),),
)
