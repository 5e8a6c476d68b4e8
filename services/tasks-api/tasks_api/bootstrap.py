"""The one place where the service is put together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from cchc_shared.calendar.clock import Clock, SystemClock
from cchc_shared.service.app import create_app
from cchc_shared.service.settings import ServiceSettings
from cchc_shared.storage.database import answers, create_engine
from tasks_api.calendar.routes import router as calendar
from tasks_api.models import idempotency
from tasks_api.plans.routes import router as plans
from tasks_api.profile import Profile
from tasks_api.resources import Resources
from tasks_api.tasks.routes import router as tasks
from tasks_api.units.routes import router as units

NAME = "tasks-api"


@asynccontextmanager
async def open_resources(settings: ServiceSettings, clock: Clock | None = None) -> AsyncIterator[Resources]:
    """The database and the city's documents, closed at the end."""
    engine = create_engine(settings.database_url, pool_size=settings.pool_size, application=NAME)
    try:
        async with forgetting(engine, idempotency):
            yield Resources(engine, Profile.load(settings.profile), clock or SystemClock())
    finally:
        await engine.dispose()


def build_app(settings: ServiceSettings, clock: Clock | None = None) -> FastAPI:
    """The service over HTTP. A test hands in a clock of its own."""

    @asynccontextmanager
    async def resources(app: FastAPI) -> AsyncIterator[None]:
        async with open_resources(settings, clock) as opened:
            app.state.resources = opened
            yield

    async def ready() -> dict[str, bool]:
        return {"database": await answers(app.state.resources.engine)}

    app = create_app(
        name=NAME, settings=settings, routers=[units, plans, tasks, calendar], resources=resources, ready=ready
    )
    return app
