"""Follows units, tasks and reports."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Subscription
from scoring_worker.projection.service import Projection
from scoring_worker.projection.timers import OVERDUE
from scoring_worker.sources import EVENTS


def _open(here: Context) -> Projection:
    return Projection(here.calendar.timezone, here.clock)


async def _follow(conn: AsyncConnection, events: Sequence[Event], here: Context) -> None:
    await here.use(Projection).apply(conn, events)


FEATURE = Feature(
    "projection",
    provides={Projection: _open},
    subscribes=(Subscription((UnitDefined, *EVENTS), _follow),),
    sweeps=(OVERDUE,),
)
