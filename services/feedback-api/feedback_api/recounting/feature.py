"""Once a minute: are the due times of open reports still those of the documents?"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Tick
from feedback_api.deadlines.domain import Deadlines
from feedback_api.recounting.service import Recounting
from feedback_api.reports.store import workflow


def _open(here: Context) -> Recounting:
    return Recounting(here.calendar.document.version, here.use(Deadlines), workflow(here))


async def _recount(conn: AsyncConnection, _: datetime, here: Context) -> None:
    await here.use(Recounting).run(conn, here.clock.now())


FEATURE = Feature(
    "recounting",
    provides={Recounting: _open},
    ticks=(Tick("feedback.recount", timedelta(minutes=1), _recount),),
)
