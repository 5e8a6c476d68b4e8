"""The one place where the service is wired together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from cchc_shared.calendar.clock import Clock, SystemClock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service.app import create_app
from cchc_shared.service.consuming import consuming, source_factory
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.storage.database import answers, create_engine
from cchc_shared.stream import Consumer, Inbox
from cchc_shared.stream.parking import parking_router
from feedback_api.clocks.domain import Deadlines
from feedback_api.clocks.routes import router as clocks_router
from feedback_api.clocks.service import Clocks
from feedback_api.contacts.cipher import ContactCipher
from feedback_api.directory.handler import UnitsHandler
from feedback_api.directory.service import Directory
from feedback_api.handling.reading import Reading
from feedback_api.handling.routes import router as handling_router
from feedback_api.handling.service import Handling
from feedback_api.intake.routes import router as intake_router
from feedback_api.intake.secrets import TrackingSecrets
from feedback_api.intake.service import Intake
from feedback_api.intake.writer import IntakeWriter
from feedback_api.models import idempotency
from feedback_api.resources import Resources
from feedback_api.routing.domain import Router
from feedback_api.rules import FeedbackRules
from feedback_api.settings import FeedbackSettings
from feedback_api.statistics.routes import router as statistics_router
from feedback_api.statistics.service import Statistics

API = "feedback-api"
WORKER = "feedback-worker"
TOPICS = ("tasks",)


@asynccontextmanager
async def open_resources(settings: FeedbackSettings, clock: Clock) -> AsyncIterator[Resources]:
    """Everything the routes work with; what was accepted is written before the database is closed."""
    calendar = WorkingCalendar.load(settings.profile / "calendar.yaml")
    rules = FeedbackRules.load(settings.profile / "feedback_rules.yaml")
    deadlines, router = Deadlines(rules, calendar), Router(rules)
    key = settings.contact_key.get_secret_value()
    cipher, secrets = ContactCipher(key), TrackingSecrets(key)
    engine = create_engine(settings.database_url, pool_size=settings.pool_size, application=API)
    directory, writer = Directory(engine), IntakeWriter(engine, cipher)
    try:
        async with forgetting(engine, idempotency):
            yield Resources(
                engine=engine,
                calendar=calendar,
                intake=Intake(clock, calendar, rules, deadlines, router, directory, secrets, writer),
                handling=Handling(engine, clock, calendar, rules, deadlines, router, directory),
                reading=Reading(engine, clock, cipher),
                clocks=Clocks(clock, deadlines),
                statistics=Statistics(engine, clock, calendar),
            )
    finally:
        await writer.drain()
        await engine.dispose()


def build_app(settings: FeedbackSettings, clock: Clock | None = None) -> FastAPI:
    """The HTTP application."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        async with open_resources(settings, clock or SystemClock()) as opened:
            app.state.resources = opened
            yield

    async def ready() -> dict[str, bool]:
        return {"database": await answers(app.state.resources.engine)}

    app = create_app(
        name=API,
        settings=settings,
        routers=[
            intake_router,
            clocks_router,
            handling_router,
            statistics_router,
            parking_router("/v1/parked-events/feedback", lambda request: request.app.state.resources.engine),
        ],
        resources=resources,
        ready=ready,
    )
    return app


def build_worker(settings: ServiceSettings) -> FastAPI:
    """The consumer that keeps the copy of the directory of units, with the health routes that every process has."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        engine = create_engine(settings.database_url, pool_size=settings.pool_size, application=WORKER)
        app.state.consumer = consumer = Consumer(
            WORKER,
            engine=engine,
            source=source_factory(settings, engine, topics=TOPICS, consumer=WORKER),
            effect=Inbox(UnitsHandler()),
        )
        try:
            async with consuming(consumer):
                yield
        finally:
            await engine.dispose()

    async def ready() -> dict[str, bool]:
        return {"consumer": app.state.consumer.alive}

    app = create_app(name=WORKER, settings=settings, routers=[], resources=resources, ready=ready)
    return app
