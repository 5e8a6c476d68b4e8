"""The monthly publication as a feature: read over the API, closed by the worker when a month's day is over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.directory.service import Directory
from cchc_shared.publications.formats import Pages
from cchc_shared.publications.publishing import Counting, Publishing
from cchc_shared.publications.routes import Contract, publication_router
from cchc_shared.publications.service import Publications
from cchc_shared.publications.wording import Wording
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Tag
from cchc_shared.service.timers import Tick


def publications(
    tick: str, counting: Callable[[Context], Counting[Any, Any]], wording: Wording, contract: Contract, area: str
) -> Feature:
    """The publication of a service: what it counts, its words, and how it stands in the contract. `area` is what its
    tag is called."""

    def open_publishing(here: Context) -> Publishing[Any, Any]:
        return Publishing(here.clock, here.calendar, counting(here))

    def open_(here: Context) -> Publications:
        return Publications(
            engine=here.engine,
            reading=here.reading,
            publishing=here.use(Publishing),
            directory=here.use(Directory),
            wording=wording,
            pages=Pages(here.calendar.timezone, wording),
            correction=contract.correction,
        )

    return Feature(
        "publications",
        provides={Publishing: open_publishing, Publications: open_},
        routers=(publication_router(contract),),
        ticks=(Tick(tick, timedelta(minutes=1), _close),),
        tags=(Tag(contract.tag, area),),
    )


async def _close(conn: AsyncConnection, _: datetime, here: Context) -> None:
    await here.use(Publishing).close_due(conn)
