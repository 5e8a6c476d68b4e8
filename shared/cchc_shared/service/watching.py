"""Gauges of how far readers are behind, in processes that outlive them: the APIs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine
from structlog import get_logger

from cchc_shared.service.beside import beside
from cchc_shared.service.context import Context
from cchc_shared.service.feature import Feature
from cchc_shared.service.health import READY, Health
from cchc_shared.service.settings import DatabaseSettings
from cchc_shared.service.timers import Refresher
from cchc_shared.stream.postgres import OutboxLog
from cchc_shared.stream.watch import LagWatch, Log

log = get_logger()

EVERY: Final = timedelta(seconds=5)
HELD_SECONDS: Final = 30.0
BEHIND_SECONDS: Final = 60.0
"""From then on a worker says that it is not ready."""


def log_of(settings: DatabaseSettings, engine: AsyncEngine, topics: Sequence[str]) -> Log:
    """The transport that the settings name."""
    if settings.kafka_bootstrap_servers is None:
        return OutboxLog(engine, topics)
    from cchc_shared.stream.kafka import KafkaLog  # services on the PostgreSQL transport never load it

    return KafkaLog(settings.kafka_bootstrap_servers, topics)


def watching(consumer: str, topics: Sequence[str]) -> Feature:
    """Of a service whose worker follows `topics` as `consumer`."""

    def open_(here: Context) -> LagWatch:
        log = log_of(here.settings, here.engine, topics)
        here.on_close(log.close)
        return LagWatch(here.engine, consumer, log, here.clock)

    return Feature("watching", provides={LagWatch: open_}, refreshers=(Refresher("stream", EVERY, _look),))


def health_of_stream(watch: LagWatch) -> Health:
    """Not ready when the oldest event has waited for too long, whatever the reason."""
    if watch.held_seconds > HELD_SECONDS:
        held = f"{watch.held_seconds:.0f} s"
        return Health(
            ready=False,
            why=f"một giao dịch mở {held} che sự kiện mới · a transaction that is open for {held} hides newer events",
        )
    if watch.waiting_seconds > BEHIND_SECONDS:
        age = f"{watch.waiting_seconds:.0f} s"
        return Health(ready=False, why=f"sự kiện chờ {age} chưa xử lý · an event has waited for {age}")
    return READY


@asynccontextmanager
async def looked_at(watch: LagWatch) -> AsyncIterator[None]:
    """Keep looking while inside, in a worker, which has no refreshers."""

    async def look() -> None:
        while True:
            try:
                await watch.look()
            except Exception as error:  # noqa: BLE001 - it is looked again
                log.warning("not looked at", what="stream", error=type(error).__name__)
            await asyncio.sleep(EVERY.total_seconds())

    async with beside(look()):
        yield


async def _look(here: Context) -> None:
    await here.use(LagWatch).look()


class _Relay(LagWatch):
    """The relay as a producer sees it."""


def watching_relay(topic: str) -> Feature:
    """Of a service that produces `topic`: with a Kafka, the relay is the reader of its outbox."""

    def open_(here: Context) -> _Relay:
        log = OutboxLog(here.engine, [topic])
        return _Relay(here.engine, "relay", log, here.clock, positions="relay.stream_passed", parks=False)

    async def look(here: Context) -> None:
        if here.settings.kafka_bootstrap_servers is not None:
            await here.use(_Relay).look()

    return Feature("watching_relay", provides={_Relay: open_}, refreshers=(Refresher("relay", EVERY, look),))
