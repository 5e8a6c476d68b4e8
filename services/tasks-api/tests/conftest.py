"""The service over real HTTP in process, against a real PostgreSQL, with a clock of the test's own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.service.settings import ServiceSettings
from tasks_api.bootstrap import build_app
from tasks_api.city import Groups
from tasks_api.plans.rules import PlanRules
from tasks_api.seed import plans_of, seed, units_of
from tasks_api.tasks.rules import TaskRules
from tests.support.databases import Database
from tests.support.tasks import Api, Profile
from tests.support.tokens import TestTokens

HANOI = Path(__file__).parents[3] / "data" / "hanoi"


@pytest.fixture(scope="session")
def profile() -> Profile:
    """The documents of the city."""
    [plan] = plans_of(HANOI)
    return Profile(
        units=units_of(HANOI),
        plan=plan,
        rules=TaskRules.load(HANOI),
        plan_rules=PlanRules.load(HANOI),
        calendar=WorkingCalendar.load(HANOI / "calendar.yaml"),
        groups=Groups.load(HANOI),
    )


@pytest.fixture
def clock() -> FixedClock:
    """Ten in the morning in Hanoi, on 3 June 2024."""
    return FixedClock(datetime(2024, 6, 3, 3, tzinfo=UTC))


@pytest.fixture
def settings(database: Database, tokens: TestTokens) -> ServiceSettings:
    """Settings for an empty database."""
    return ServiceSettings(
        database_url=database.url("tasks"), jwks_url=tokens.jwks_url, environment="embedded", CCHC_PROFILE=HANOI
    )


@pytest.fixture
async def api(settings: ServiceSettings, tokens: TestTokens, clock: FixedClock) -> AsyncIterator[Api]:
    """The service with an empty database."""
    app = build_app(settings, clock)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://tasks") as client,
    ):
        yield Api(client, app.state.context, tokens)


@pytest.fixture
async def city(api: Api) -> Api:
    """The service with the units and the plan of the city."""
    await seed(api.here)
    return api
