"""Once a minute: is the time of a sender who was asked for more over?"""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Tick
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines
from feedback_api.pauses.service import Pauses
from feedback_api.reports.rules import AskingRules
from feedback_api.reports.store import workflow


def _open(here: Context) -> Pauses:
    return Pauses(here.calendar, rulebook.load(here.profile, AskingRules), here.use(Deadlines), workflow(here))


async def _go_on(conn: AsyncConnection, _: datetime, here: Context) -> None:
    await here.use(Pauses).run(conn, here.clock.now())


FEATURE = Feature(
    "pauses",
    provides={Pauses: _open},
    ticks=(Tick("feedback.go_on", timedelta(minutes=1), _go_on),),
)
