"""This service's copy of the directory of units: the worker keeps it in the database, each API process in memory."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.directory import repository
from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Subscription
from cchc_shared.service.health import READY, Health
from cchc_shared.service.timers import Refresher

WAIT_SECONDS: Final = 0.1
"""Pause between two looks for the first units."""
NO_UNITS: Final = Health(ready=False, why="chưa biết đơn vị nào · no unit is known yet")


def _open(here: Context) -> Directory:
    directory = Directory(here.engine)
    here.check("units", lambda: READY if directory.units else NO_UNITS)
    return directory


async def follow(conn: AsyncConnection, events: Sequence[Event], _: Context) -> None:
    """Store what the events say of units."""
    await repository.define(conn, events)


async def refresh(here: Context) -> None:
    """Renew the copy in memory; at a first start, until there is something in it."""
    while not await here.use(Directory).refresh():  # noqa: ASYNC110 - another process brings them
        await asyncio.sleep(WAIT_SECONDS)


FEATURE = Feature(
    "directory",
    provides={Directory: _open},
    subscribes=(Subscription((UnitDefined,), follow),),
    refreshers=(Refresher("units", timedelta(seconds=5), refresh),),
)
