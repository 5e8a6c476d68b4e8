"""The service in process, over HTTP, on a database of its own, with a clock that the test moves."""

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events import Event
from cchc_shared.storage.database import create_engine
from scoring_worker.bootstrap import build_app, read_calendar
from scoring_worker.index_sets.service import files_of, load_files
from scoring_worker.intake.handler import Scoring
from scoring_worker.settings import ScoringSettings

PROFILE = Path(__file__).parents[3] / "data" / "hanoi"


@pytest.fixture
def clock() -> FixedClock:
    """Monday 1 June 2026, 09:00 in Hanoi."""
    return FixedClock(datetime(2026, 6, 1, 2, tzinfo=UTC))


@pytest.fixture
def settings(database: Any, tokens: Any) -> ScoringSettings:
    return ScoringSettings(database_url=database.url("scoring"), jwks_url=tokens.jwks_url, CCHC_PROFILE=PROFILE)


@pytest.fixture
async def service(settings: ScoringSettings, clock: FixedClock, tokens: Any) -> AsyncIterator["Service"]:
    app = build_app(settings, clock)
    engine = create_engine(settings.database_url)
    await load_files(engine, files_of(settings.index_sets_folder), clock.now())
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://scoring") as client:
            yield Service(client, engine, read_calendar(settings).timezone, clock, tokens)
    await engine.dispose()


class Service:
    """The API, and a worker's handler beside it."""

    def __init__(
        self, client: httpx.AsyncClient, engine: AsyncEngine, timezone: ZoneInfo, clock: FixedClock, tokens: Any
    ) -> None:
        self.client = client
        self.engine = engine
        self.timezone = timezone
        self.scoring = Scoring(timezone, clock)
        self._tokens = tokens

    async def apply(self, events: Iterable[Event]) -> None:
        """One batch."""
        async with self.engine.begin() as conn:
            await self.scoring.apply(conn, list(events))

    async def mature(self) -> int:
        async with self.engine.begin() as conn:
            return await self.scoring.mature(conn)

    async def get(
        self, path: str, *, roles: Iterable[str] = ("council",), unit: str | None = None, **query: Any
    ) -> Any:
        """The answer of a GET, by default to a member of the council."""
        headers = self._tokens(sub="someone", roles=list(roles), unit=unit)
        return await self.client.get(path, params=query, headers=headers)

    async def rows(self, statement: str) -> list[Any]:
        async with self.engine.connect() as conn:
            return [tuple(row) for row in await conn.execute(text(statement))]
