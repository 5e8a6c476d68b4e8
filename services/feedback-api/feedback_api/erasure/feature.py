"""Erasure: at request by the API, by the city's periods in the worker."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Sweep, Swept
from feedback_api import rulebook
from feedback_api.erasure.routes import router
from feedback_api.erasure.rules import ErasureRules
from feedback_api.erasure.service import Erasure
from feedback_api.reports.rules import RetentionRules


def _open(here: Context) -> Erasure:
    return Erasure(
        engine=here.engine,
        clock=here.clock,
        calendar=here.calendar,
        rules=rulebook.load(here.profile, ErasureRules),
        retention=rulebook.load(here.profile, RetentionRules),
    )


async def _sweep(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    return await here.use(Erasure).sweep(conn, now)


FEATURE = Feature(
    "erasure", provides={Erasure: _open}, routers=(router,), sweeps=(Sweep("feedback.erase", _sweep),)
)
