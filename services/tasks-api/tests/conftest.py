"""The service over real HTTP in process, against a real PostgreSQL, with a clock of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.files.settings import TakingSettings
from cchc_shared.service.assembly import opened
from cchc_shared.storage.records import records
from tasks_api.bootstrap import FEATURES, build_app
from tasks_api.seed import plans_of, seed, units_of
from tasks_api.tasks.domain import Task
from tasks_api.tasks.models import task_parties
from tasks_api.tasks.repository import COLUMNS
from tasks_api.tasks.rules import TaskRules
from tasks_api.units.rules import Aliases, Groups
from tests.support.databases import Database, Templates
from tests.support.tasks import Api, Profile
from tests.support.tokens import TestTokens

HANOI = Path(__file__).parents[3] / "data" / "hanoi"
BEGIN = datetime(2024, 6, 3, 3, tzinfo=UTC)


@pytest.fixture(scope="session")
def profile() -> Profile:
    """The documents of the city."""
    [plan] = plans_of(HANOI)
    return Profile(
        units=units_of(HANOI),
        plan=plan,
        rules=TaskRules.load(HANOI),
        calendar=WorkingCalendar.load(HANOI),
        groups=Groups.load(HANOI),
        aliases=Aliases.load(HANOI),
    )


@pytest.fixture
def clock() -> FixedClock:
    """Ten in the morning in Hanoi, on 3 June 2024."""
    return FixedClock(BEGIN)


def settings_for(database: Database, tokens: TestTokens) -> TakingSettings:
    return TakingSettings(
        database_url=database.url("tasks"), jwks_url=tokens.jwks_url, environment="embedded", CCHC_PROFILE=HANOI
    )


@pytest.fixture
def settings(database: Database, tokens: TestTokens) -> TakingSettings:
    """Settings for an empty database."""
    return settings_for(database, tokens)


@asynccontextmanager
async def running(settings: TakingSettings, tokens: TestTokens, clock: FixedClock) -> AsyncIterator[Api]:
    app = build_app(settings, clock)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://tasks") as client,
    ):
        yield Api(client, app.state.context, tokens)
        await parties_know_what_is_late(app.state.context.engine)


async def parties_know_what_is_late(engine: AsyncEngine) -> None:
    """Whatever was done in a test: beside each unit of a task stands since when the task is overdue, by definition."""
    async with engine.connect() as conn:
        everything = records(await conn.execute(select(*COLUMNS)), Task)
        kept = (await conn.execute(select(task_parties.c.task_id, task_parties.c.open_late_at))).all()
    since = {task.id: at if (at := task.late_at) and task.overdue(at) else None for task in everything}
    assert {(id_, at) for id_, at in kept if at != since[id_]} == set()


@pytest.fixture
async def api(settings: TakingSettings, tokens: TestTokens, clock: FixedClock) -> AsyncIterator[Api]:
    """The service with an empty database."""
    async with running(settings, tokens, clock) as api:
        yield api


@pytest.fixture(scope="session")
def city_template(templates: Templates, database_template: str, tokens: TestTokens) -> str:
    """A database with the units and the plan of the city: many tests begin there."""

    async def load(settings: TakingSettings) -> None:
        async with opened("seed", settings, FEATURES, FixedClock(BEGIN)) as here:
            await seed(here)

    return templates.made("city", lambda database: asyncio.run(load(settings_for(database, tokens))), database_template)


@pytest.fixture
def city_database(templates: Templates, city_template: str) -> Iterator[Database]:
    with templates.copied(city_template) as database:
        yield database


@pytest.fixture
async def city(city_database: Database, tokens: TestTokens, clock: FixedClock) -> AsyncIterator[Api]:
    """The service with the units and the plan of the city."""
    async with running(settings_for(city_database, tokens), tokens, clock) as api:
        yield api
