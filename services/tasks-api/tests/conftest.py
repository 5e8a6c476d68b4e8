"""The service over real HTTP in process, against a real PostgreSQL, with a clock of the test's own."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service.assembly import opened
from cchc_shared.service.settings import ServiceSettings
from tasks_api.bootstrap import FEATURES, build_app
from tasks_api.plans.rules import PlanRules
from tasks_api.seed import plans_of, seed, units_of
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
        plan_rules=PlanRules.load(HANOI),
        calendar=WorkingCalendar.load(HANOI),
        groups=Groups.load(HANOI),
        aliases=Aliases.load(HANOI),
    )


@pytest.fixture
def clock() -> FixedClock:
    """Ten in the morning in Hanoi, on 3 June 2024."""
    return FixedClock(BEGIN)


def settings_for(database: Database, tokens: TestTokens) -> ServiceSettings:
    return ServiceSettings(
        database_url=database.url("tasks"), jwks_url=tokens.jwks_url, environment="embedded", CCHC_PROFILE=HANOI
    )


@pytest.fixture
def settings(database: Database, tokens: TestTokens) -> ServiceSettings:
    """Settings for an empty database."""
    return settings_for(database, tokens)


@asynccontextmanager
async def running(settings: ServiceSettings, tokens: TestTokens, clock: FixedClock) -> AsyncIterator[Api]:
    app = build_app(settings, clock)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://tasks") as client,
    ):
        yield Api(client, app.state.context, tokens)


@pytest.fixture
async def api(settings: ServiceSettings, tokens: TestTokens, clock: FixedClock) -> AsyncIterator[Api]:
    """The service with an empty database."""
    async with running(settings, tokens, clock) as api:
        yield api


@pytest.fixture(scope="session")
def city_template(templates: Templates, database_template: str, tokens: TestTokens) -> str:
    """A database with the units and the plan of the city: many tests begin there."""

    async def load(settings: ServiceSettings) -> None:
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
