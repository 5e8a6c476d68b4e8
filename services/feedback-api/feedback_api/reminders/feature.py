"""What is due soon, or late, is said when it happens, exactly once."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.timers import Sweep, Swept
from feedback_api.reminders.service import Reminding
from feedback_api.reports.reminders import Reminders


def _open(here: Context) -> Reminding:
    return Reminding(here.use(Reminders))


async def _remind(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
    return await here.use(Reminding).run(conn, now)


FEATURE = Feature(
    "reminders",
    provides={Reminding: _open},
    sweeps=(Sweep("feedback.remind", _remind),),
)
