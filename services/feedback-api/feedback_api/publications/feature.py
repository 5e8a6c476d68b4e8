"""The monthly publication: read over the API, closed by the worker when a month's day is over."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from cchc_shared.service.timers import Tick
from feedback_api import rulebook
from feedback_api.publications.formats import Pages
from feedback_api.publications.publishing import Publishing
from feedback_api.publications.routes import router
from feedback_api.publications.rules import PublicationRules
from feedback_api.publications.service import Publications


def _open_publishing(here: Context) -> Publishing:
    return Publishing(here.clock, here.calendar, rulebook.load(here.profile, PublicationRules))


def _open(here: Context) -> Publications:
    return Publications(
        engine=here.engine,
        reading=here.reading,
        publishing=here.use(Publishing),
        directory=here.use(Directory),
        pages=Pages(here.calendar.timezone),
    )


async def _close(conn: AsyncConnection, _: datetime, here: Context) -> None:
    await here.use(Publishing).close_due(conn)


FEATURE = Feature(
    "publications",
    provides={Publishing: _open_publishing, Publications: _open},
    routers=(router,),
    ticks=(Tick("feedback.publish", timedelta(minutes=1), _close),),
    tags=(Tag("publications", "Công khai hằng tháng · Monthly publications"),),
)
