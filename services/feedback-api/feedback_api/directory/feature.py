"""This service's copy of the directory of units: the worker keeps it in the database, each API process in memory."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Subscription
from cchc_shared.service.timers import Refresher
from feedback_api.directory import repository
from feedback_api.directory.service import Directory


async def follow(conn: AsyncConnection, events: Sequence[Event], _: Context) -> None:
    """Store what the events say of units."""
    await repository.define(conn, events)


async def refresh(here: Context) -> None:
    """Renew the copy in memory."""
    await here.use(Directory).refresh()


FEATURE = Feature(
    "directory",
    provides={Directory: lambda here: Directory(here.engine)},
    subscribes=(Subscription((UnitDefined,), follow),),
    refreshers=(Refresher("units", timedelta(seconds=5), refresh),),
)
