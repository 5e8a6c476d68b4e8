"""The service in process, over HTTP, on a database of its own, with a clock that the test moves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.assembly import opened
from scoring_worker.bootstrap import FEATURES, build_app
from scoring_worker.loading.feature import load_index_sets
from scoring_worker.projection.service import Projection
from scoring_worker.settings import ScoringSettings
from tests.support.databases import Database
from tests.support.scoring import ScoringService
from tests.support.tokens import TestTokens

PROFILE = Path(__file__).parents[3] / "data" / "hanoi"


@pytest.fixture
def clock() -> FixedClock:
    """Monday 1 June 2026, 09:00 in Hanoi."""
    return FixedClock(datetime(2026, 6, 1, 2, tzinfo=UTC))


@pytest.fixture
def settings(database: Database, tokens: TestTokens) -> ScoringSettings:
    return ScoringSettings(database_url=database.url("scoring"), jwks_url=tokens.jwks_url, CCHC_PROFILE=PROFILE)


@pytest.fixture
async def service(settings: ScoringSettings, clock: FixedClock, tokens: TestTokens) -> AsyncIterator[ScoringService]:
    app = build_app(settings, clock)
    async with opened("tests", settings, FEATURES, clock) as worker, app.router.lifespan_context(app):
        await load_index_sets(worker)
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://scoring") as client:
            yield ScoringService(client, worker.engine, worker.use(Projection), clock, tokens)
