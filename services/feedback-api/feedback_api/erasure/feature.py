"""Erasure: before its time by the API, when it has come in the worker."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Tick
from feedback_api import rulebook
from feedback_api.erasure.routes import router
from feedback_api.erasure.rules import ErasureRules
from feedback_api.erasure.service import Erasure
from feedback_api.erasure.timers import Retention
from feedback_api.reports.rules import RetentionRules


def _open(here: Context) -> Erasure:
    return Erasure(engine=here.engine, clock=here.clock, rules=rulebook.load(here.profile, ErasureRules))


def _open_retention(here: Context) -> Retention:
    return Retention(rulebook.load(here.profile, RetentionRules), here.calendar)


async def _erase(conn: AsyncConnection, _: datetime, here: Context) -> None:
    await here.use(Retention).run(conn, here.clock.now())


FEATURE = Feature(
    "erasure",
    provides={Erasure: _open, Retention: _open_retention},
    routers=(router,),
    ticks=(Tick("feedback.erase", timedelta(minutes=1), _erase),),
)
