"""Webhooks: each event is written down for those who may be told of it, and sent to them."""

from collections.abc import Sequence
from typing import cast

from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.contract.events import Event
from cchc_shared.contract.events.registry import TYPES
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature, Subscription, Tag
from notify.audience.domain import TYPES_TOLD, body_of, happening, units_told
from notify.settings import WebhookSettings
from notify.webhooks import repository
from notify.webhooks.domain import DeliveryState
from notify.webhooks.posting import Poster
from notify.webhooks.routes import router
from notify.webhooks.rules import WebhookRules
from notify.webhooks.sending import Sender
from notify.webhooks.service import Webhooks
from notify.webhooks.timers import FORGETTING, SHOWING


def _rules(here: Context) -> WebhookRules:
    return WebhookRules.load(here.profile)


def _open(here: Context) -> Webhooks:
    settings = cast("WebhookSettings", here.settings)
    key, loopback = settings.webhooks_key.get_secret_value(), settings.webhooks_to_loopback
    return Webhooks(here.engine, here.reading, here.clock, here.use(WebhookRules), key, loopback)


async def follow(conn: AsyncConnection, events: Sequence[Event], here: Context) -> None:
    """Write down what is to be sent of these events, in the transaction of their effect: nothing is missed."""
    now = here.clock.now()
    happened = [(event, happening(event)) for event in events]
    rows = [
        {
            "webhook_id": webhook.id,
            "event_id": event.id,
            "event_type": event.type,
            "aggregate": event.aggregate,
            "version": event.version,
            "body": body_of(told, units),
            "state": DeliveryState.WAITING.value,
            "attempts": 0,
            "made_at": now,
            "next_at": now,
        }
        for webhook, scope in await repository.subscribed(conn)
        for event, told in happened
        if event.type in webhook.event_types and (units := units_told(scope, told))
    ]
    await repository.deliver(conn, rows)


async def start(here: Context) -> None:
    """Send from now on, until the process ends."""
    settings = cast("WebhookSettings", here.settings)
    poster = Poster(loopback=settings.webhooks_to_loopback)
    key = settings.webhooks_key.get_secret_value()
    sender = Sender(here.engine, here.clock, key, here.use(WebhookRules), poster)
    sender.start()
    here.on_close(sender.stop)


FEATURE = Feature(
    "webhooks",
    provides={WebhookRules: _rules, Webhooks: _open},
    routers=(router,),
    subscribes=(Subscription(tuple(TYPES[name] for name in TYPES_TOLD), follow),),
    ticks=(FORGETTING, SHOWING),
    prepare=start,
    tags=(Tag("webhooks", "Địa chỉ nhận tin · Webhooks"),),
)
