"""Makes mails of what was told, and deletes old ones."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.service.context import Context
from cchc_shared.service.timers import Tick
from tasks_api.mailing import repository
from tasks_api.mailing.domain import letters
from tasks_api.notifications.rules import NotificationRules
from tasks_api.settings import WorkerSettings

EVERY: Final = timedelta(minutes=5)
"""So long notifications to the same people are gathered: one mail says what was told meanwhile."""
AT_ONCE: Final = 5000


async def gather(conn: AsyncConnection, _: datetime, here: Context) -> None:
    """Make one mail for each mailbox of all that its people were told, without commit.

    Where no server is set, what is told is not mailed: not later either, when it would be no news.
    """
    settings = here.settings
    if not isinstance(settings, WorkerSettings) or settings.smtp_url is None or settings.mail_from is None:
        await repository.drop_waiting(conn)
        return
    domain = settings.mail_from.rpartition("@")[2]
    while notifications := await repository.gather(conn, AT_ONCE):
        await repository.make(conn, letters(notifications), domain, here.clock.now())


async def forget(conn: AsyncConnection, _: datetime, here: Context) -> None:
    """Delete mails as old as notifications become."""
    kept = timedelta(days=here.use(NotificationRules).kept_days.value)
    await repository.forget(conn, here.clock.now() - kept)


GATHERING: Final = Tick("mailing.gather", EVERY, gather)
FORGETTING: Final = Tick("mailing.forget", timedelta(days=1), forget)
