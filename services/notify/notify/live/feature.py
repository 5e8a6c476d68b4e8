"""Live events: each is written down for those who may be told of it, and told to whoever listens."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.registry import TYPES
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Subscription, Tag
from cchc_shared.service.timers import Refresher
from notify.audience.domain import TYPES_TOLD, happening
from notify.live import repository
from notify.live.feed import Feed
from notify.live.routes import router
from notify.live.rules import LiveRules
from notify.live.service import Live
from notify.live.timers import FORGETTING


def _rules(here: Context) -> LiveRules:
    return LiveRules.load(here.profile)


def _open(here: Context) -> Live:
    return Live(here.reading, here.clock, here.use(LiveRules), Feed(here.reading))


async def follow(conn: AsyncConnection, events: Sequence[Event], here: Context) -> None:
    """Write down what may be told, in the transaction of its effect: nothing is missed, and nothing is told twice."""
    await repository.add(conn, map(happening, events), here.clock.now())


async def renew(here: Context) -> None:
    """Look once for all streams of this process."""
    await here.use(Live).feed.renew()


FEATURE = Feature(
    "live",
    provides={LiveRules: _rules, Live: _open},
    routers=(router,),
    subscribes=(Subscription(tuple(TYPES[name] for name in TYPES_TOLD), follow),),
    ticks=(FORGETTING,),
    refreshers=(Refresher("live events", timedelta(seconds=0.5), renew),),
    tags=(Tag("events", "Sự kiện trực tiếp · Live events"),),
)
