"""Puts a service together from its features: the API that answers, and the worker that follows events and the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.applications import Starlette

from cchc_shared.calendar.clock import Clock
from cchc_shared.contract.events import Event
from cchc_shared.http.deadline import Deadline
from cchc_shared.service.app import Application, create_app
from cchc_shared.service.beside import beside
from cchc_shared.service.consuming import consuming, health_of, source_factory
from cchc_shared.service.context import Context, Open
from cchc_shared.service.database_problems import EXPLANATIONS
from cchc_shared.service.feature import Feature
from cchc_shared.service.health import READY, Checks, Health, bounded
from cchc_shared.service.operations import create_worker
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.service.timers import TimerLoop, refresh
from cchc_shared.service.watching import health_of_stream, log_of, looked_at
from cchc_shared.storage.database import ANSWERING, COMMANDING, CONSUMING, Bounds, create_engine, is_ready
from cchc_shared.stream.consumer import Consumer
from cchc_shared.stream.inbox import Inbox
from cchc_shared.stream.watch import LagWatch

CLOSE_SECONDS = 3.0
"""How long the database may take to close."""

AWAY = Health(
    ready=False,
    why="PostgreSQL không trả lời hoặc thiếu bảng · PostgreSQL does not answer, or lacks this service's tables",
)


@asynccontextmanager
async def opened(
    name: str,
    settings: ServiceSettings,
    features: Sequence[Feature],
    clock: Clock | None = None,
    bounds: Bounds = COMMANDING,
) -> AsyncIterator[Context]:
    """The context of a process named `name`; its use cases are closed, then the database."""
    engine = create_engine(settings.database_url, pool_size=settings.pool_size, application=name, bounds=bounds)
    try:
        async with AsyncExitStack() as stack:
            yield Context(engine, clock or settings.clock, settings, _provided(features), stack)
    finally:
        # Connections are closed one after another, and one whose server hangs would be waited for.
        closing = asyncio.ensure_future(engine.dispose())
        await asyncio.wait([closing], timeout=CLOSE_SECONDS)
        closing.cancel()
        await asyncio.wait([closing], timeout=1)


def build_api(
    name: str, settings: ServiceSettings, features: Sequence[Feature], clock: Clock | None = None
) -> Application:
    """The HTTP application of a service. A test hands in a clock of its own."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        async with opened(name, settings, features, clock, ANSWERING) as here:
            app.state.engine, app.state.context = here.engine, here
            app.state.admits = [feature.admits for feature in features if feature.admits is not None]
            for kind in _provided(features):
                here.use(kind)
            refreshers = [refresher for feature in features for refresher in feature.refreshers]
            async with beside(*(refresh(each, here) for each in refreshers)):
                yield

    async def checks() -> Mapping[str, Health]:
        return {**await database(), **{each: look() for each, look in app.state.context.checks.items()}}

    database = _database(lambda: app.state.engine)
    app = create_app(
        name=name,
        settings=settings,
        routers=[router for feature in features for router in feature.routers],
        tags={tag.name: tag.description for feature in features for tag in feature.tags},
        resources=resources,
        checks=checks,
        explanations=EXPLANATIONS,
    )
    app.layers.append(Deadline)
    return app


def build_worker(
    name: str,
    settings: ServiceSettings,
    features: Sequence[Feature],
    clock: Clock | None = None,
    *,
    topics: Sequence[str] = (),
    batch_size: int = 1000,
    pace: float = 0.0,
) -> Starlette:
    """The worker of a service, which serves an operator's address and nothing else.

    It consumes `topics`, at most `batch_size` events in a transaction and at the `pace` of `Consumer`, and runs what is
    due.
    """

    @asynccontextmanager
    async def resources(app: Starlette) -> AsyncIterator[None]:
        async with opened(name, settings, features, clock, CONSUMING) as here, AsyncExitStack() as running:
            app.state.engine = here.engine
            for feature in features:
                if feature.prepare is not None:
                    await feature.prepare(here)
            app.state.timers = timers = _timers(features, here)
            await running.enter_async_context(_running(timers, settings.drain_seconds))
            if topics:
                consumer = Consumer(
                    name,
                    engine=here.engine,
                    source=source_factory(settings, here.engine, topics=topics, consumer=name),
                    effect=Inbox(Dispatch(features, here), enough=settings.systemic_failures),
                    batch_size=batch_size,
                    pace=pace,
                )
                app.state.consumer = consumer
                log = log_of(settings, here.engine, topics)
                app.state.watch = watch = LagWatch(here.engine, name, log, here.clock)
                await running.enter_async_context(looked_at(watch))
                await running.enter_async_context(consuming(consumer))
            yield

    async def checks() -> Mapping[str, Health]:
        found = {**await database(), "timers": app.state.timers.health()}
        if topics:
            found |= {"consumer": health_of(app.state.consumer), "stream": health_of_stream(app.state.watch)}
        return found

    database = _database(lambda: app.state.engine)
    app = create_worker(name=name, resources=resources, checks=checks)
    return app


def _database(engine: Callable[[], AsyncEngine]) -> Checks:
    """Whether PostgreSQL answers, under the name `database`."""

    async def check() -> Mapping[str, Health]:
        return {"database": READY if await is_ready(engine()) else AWAY}

    return bounded(check, "database")


class Dispatch:
    """Hands each event of a batch to the features that follow its type; other events are none of their business."""

    def __init__(self, features: Sequence[Feature], here: Context) -> None:
        self._subscriptions = [subscription for feature in features for subscription in feature.subscribes]
        self._here = here

    async def apply(self, conn: AsyncConnection, events: Sequence[Event]) -> None:
        for subscription in self._subscriptions:
            followed = [event for event in events if isinstance(event.data, subscription.events)]
            if followed:
                await subscription.follow(conn, followed, self._here)


def _provided(features: Sequence[Feature]) -> Mapping[type, Open]:
    provided: dict[type, Open] = {}
    for feature in features:
        if taken := provided.keys() & feature.provides.keys():
            raise ValueError(f"{feature.name} provides what another feature provides: {taken}")
        provided |= feature.provides
    return provided


def _timers(features: Sequence[Feature], here: Context) -> TimerLoop:
    return TimerLoop(
        here,
        [timer for feature in features for timer in feature.timers],
        [sweep for feature in features for sweep in feature.sweeps],
        [tick for feature in features for tick in feature.ticks],
    )


@asynccontextmanager
async def _running(loop: TimerLoop, drain_seconds: float) -> AsyncIterator[None]:
    """Run the loop beside the application; at the end let it finish the transaction at work, within a bound.

    A transaction that is given up is rolled back, and what it did is still due.
    """
    task = asyncio.create_task(loop.run())
    try:
        yield
    finally:
        loop.stop()
        await asyncio.wait([task], timeout=drain_seconds)
        if not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=1)
