"""The one place where the service is put together: its API and its worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from structlog import get_logger

from cchc_shared.calendar.clock import Clock, SystemClock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service.app import create_app
from cchc_shared.service.consuming import consuming, source_factory
from cchc_shared.storage.database import answers, create_engine
from cchc_shared.stream import Consumer
from cchc_shared.stream.parking import parking_router
from scoring_worker.index_sets.service import files_of, load_files
from scoring_worker.intake.effect import ScoringInbox
from scoring_worker.intake.handler import Scoring
from scoring_worker.resources import Resources
from scoring_worker.scores.routes import router as scores
from scoring_worker.scores.service import Scores
from scoring_worker.settings import ScoringSettings

API = "scoring-api"
WORKER = "scoring-worker"
TOPICS = ("tasks", "feedback")
BATCH = 32_000
"""Events in a transaction, when so many wait: a unit's scores are counted anew once in each."""

log = get_logger()


def read_calendar(settings: ScoringSettings) -> WorkingCalendar:
    """The city's calendar: months and days are those of its timezone."""
    return WorkingCalendar.load(settings.profile / "calendar.yaml")


def build_app(settings: ScoringSettings, clock: Clock | None = None) -> FastAPI:
    """The API. A test hands in a clock of its own."""
    clock = clock or SystemClock()

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, pool_size=settings.pool_size, application=API)
        app.state.resources = Resources(engine, read_calendar(settings), Scores(engine, clock))
        try:
            yield
        finally:
            await engine.dispose()

    async def ready() -> dict[str, bool]:
        return {"database": await answers(app.state.resources.engine)}

    parked = parking_router("/v1/parked-events/scoring", lambda request: request.app.state.resources.engine)
    app = create_app(name=API, settings=settings, routers=[scores, parked], resources=resources, ready=ready)
    return app


def build_worker(settings: ScoringSettings, clock: Clock | None = None) -> FastAPI:
    """The consumer, with the health routes that every process has."""
    clock = clock or SystemClock()

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, pool_size=settings.pool_size, application=WORKER)
        app.state.consumer = consumer = Consumer(
            WORKER,
            engine=engine,
            source=source_factory(settings, engine, topics=TOPICS, consumer=WORKER),
            effect=ScoringInbox(Scoring(read_calendar(settings).timezone, clock)),
            batch_size=BATCH,
        )
        try:
            results = await load_files(engine, files_of(settings.index_sets_folder), clock.now())
            log.info("index sets", results=results)
            async with consuming(consumer):
                yield
        finally:
            await engine.dispose()

    async def ready() -> dict[str, bool]:
        return {"consumer": app.state.consumer.alive}

    app = create_app(name=WORKER, settings=settings, routers=[], resources=resources, ready=ready)
    return app
