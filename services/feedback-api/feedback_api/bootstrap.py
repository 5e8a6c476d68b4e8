"""The one place where the service is wired together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from cchc_shared.clock import Clock, SystemClock
from cchc_shared.database import create_engine
from cchc_shared.http.app import create_app
from cchc_shared.working_time import WorkingCalendar
from feedback_api.clocks.domain import Deadlines
from feedback_api.clocks.routes import router as clocks_router
from feedback_api.clocks.service import Clocks
from feedback_api.contacts.cipher import ContactCipher
from feedback_api.directory.service import Directory
from feedback_api.handling.reading import Reading
from feedback_api.handling.routes import router as handling_router
from feedback_api.handling.service import Handling
from feedback_api.intake.routes import router as intake_router
from feedback_api.intake.secrets import TrackingSecrets
from feedback_api.intake.service import Intake
from feedback_api.intake.writer import IntakeWriter
from feedback_api.resources import Resources
from feedback_api.routing.domain import Router
from feedback_api.rules import FeedbackRules
from feedback_api.settings import FeedbackSettings
from feedback_api.statistics.routes import router as statistics_router
from feedback_api.statistics.service import Statistics

NAME = "feedback-api"


@asynccontextmanager
async def open_resources(settings: FeedbackSettings, clock: Clock) -> AsyncIterator[Resources]:
    """Everything the routes work with; what was accepted is written before the database is closed."""
    calendar = WorkingCalendar.load(settings.profile / "calendar.yaml")
    rules = FeedbackRules.load(settings.profile / "feedback_rules.yaml")
    deadlines, router = Deadlines(rules, calendar), Router(rules)
    key = settings.contact_key.get_secret_value()
    cipher, secrets = ContactCipher(key), TrackingSecrets(key)
    engine = create_engine(settings.database_url, pool_size=settings.pool_size, application=NAME)
    directory, writer = Directory(engine), IntakeWriter(engine, cipher)
    try:
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
        return {"database": await _answers(app.state.resources)}

    app = create_app(
        name=NAME,
        settings=settings,
        routers=[intake_router, clocks_router, handling_router, statistics_router],
        resources=resources,
        ready=ready,
    )
    return app


async def _answers(resources: Resources) -> bool:
    try:
        async with resources.engine.connect() as conn:
            await conn.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        return False
    return True
