"""The service in process, over HTTP, on a database of its own."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import insert

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.clock import FixedClock
from cchc_shared.directory.models import units
from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from notify.bootstrap import build_app
from notify.settings import NotifySettings
from tests.support.at_once import InProcess
from tests.support.databases import Database
from tests.support.tokens import TestTokens

NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)
"""Wednesday, 09:00 in Hanoi."""
HOME_AFFAIRS, JUSTICE, ENDED = "so-noi-vu", "so-tu-phap", "quan-ba-dinh"
UNITS = [
    (HOME_AFFAIRS, "Sở Nội vụ", None),
    (JUSTICE, "Sở Tư pháp", None),
    (ENDED, "Quận Ba Đình", date(2025, 6, 30)),
]
SYSTEMS_KEY = "A" * 43 + "="
WEBHOOKS_KEY = "A" * 43 + "="
SYSTEM: dict[str, Any] = {
    "code": "one-stop-1",
    "name": "Một cửa điện tử số 1",
    "office": "Trung tâm Phục vụ hành chính công",
    "routes": ["dossiers"],
    "units": [HOME_AFFAIRS],
}


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def settings(database: Database, tokens: TestTokens) -> NotifySettings:
    return NotifySettings(
        database_url=database.url("notify"),
        jwks_url=tokens.jwks_url,
        CCHC_SYSTEMS_KEY=SYSTEMS_KEY,
        CCHC_WEBHOOKS_KEY=WEBHOOKS_KEY,
        webhooks_to_loopback=True,
        CCHC_PROFILE=REPOSITORY / "data" / "hanoi",
    )


@pytest.fixture
async def service(settings: NotifySettings, clock: FixedClock, tokens: TestTokens) -> AsyncIterator["Service"]:
    app = build_app(settings, clock)
    async with app.router.lifespan_context(app):
        transport = InProcess(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://notify") as client:
            found = Service(client, app.state.context, tokens)
            await found.define_units()
            yield found


class Service:
    """The running service, as tests speak to it."""

    def __init__(self, client: httpx.AsyncClient, here: Context, tokens: TestTokens) -> None:
        self.client = client
        self.here = here
        self.tokens = tokens
        self.operator = tokens(sub="operator-1", roles=["operator"])

    async def define_units(self) -> None:
        rows = [
            {"subject": code, "version": 1, "code": code, "name": name, "valid_to": until}
            for code, name, until in UNITS
        ]
        async with self.here.engine.begin() as conn:
            await conn.execute(insert(units), rows)
        await self.here.use(Directory).refresh()

    async def call(
        self,
        method: str,
        path: str,
        status: int = 200,
        *,
        caller: Mapping[str, str] | None = None,
        json: object = None,
        **headers: str,
    ) -> httpx.Response:
        """The answer, which has that status. `if_match="*"` sends the header `If-Match`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {**(self.operator if caller is None else caller), **named}
        answer = await self.client.request(method, path, json=json, headers=given)
        assert answer.status_code == status, answer.text
        return answer

    async def connect(self, code: str = SYSTEM["code"], **other: object) -> dict[str, Any]:
        """A new system."""
        answer = await self.call("POST", "/v1/systems", 201, json=SYSTEM | {"code": code} | other)
        shown: dict[str, Any] = answer.json()
        return shown
