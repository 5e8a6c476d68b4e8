"""The service in process, over HTTP, on a database of its own."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import insert, text

from cchc_embedded.paths import REPOSITORY
from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events import EventData, decode
from cchc_shared.directory.models import units
from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from cchc_shared.service.settings import ServiceSettings
from dossiers_api.bootstrap import build_app
from tests.support.at_once import InProcess
from tests.support.databases import Database
from tests.support.tokens import TestTokens

NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)
"""Wednesday, 09:00 in Hanoi."""
HOME_AFFAIRS, JUSTICE, ENDED = "so-noi-vu", "so-tu-phap", "quan-ba-dinh"
UNITS = [
    (HOME_AFFAIRS, "Sở Nội vụ", None, None),
    (JUSTICE, "Sở Tư pháp", None, None),
    (ENDED, "Quận Ba Đình", None, date(2025, 6, 30)),
]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def settings(database: Database, tokens: TestTokens) -> ServiceSettings:
    return ServiceSettings(
        database_url=database.url("dossiers"),
        jwks_url=tokens.jwks_url,
        CCHC_PROFILE=REPOSITORY / "data" / "hanoi",
    )


@pytest.fixture
async def service(settings: ServiceSettings, clock: FixedClock, tokens: TestTokens) -> AsyncIterator["Service"]:
    app = build_app(settings, clock)
    async with app.router.lifespan_context(app):
        transport = InProcess(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://dossiers") as client:
            found = Service(client, app.state.context, tokens)
            await found.define_units()
            yield found


class Service:
    """The running service, as tests speak to it."""

    def __init__(self, client: httpx.AsyncClient, here: Context, tokens: TestTokens) -> None:
        self.client = client
        self.here = here
        self.tokens = tokens
        self.system = tokens(sub="one-stop-1", roles=["system"])

    async def define_units(self) -> None:
        rows = [
            {"subject": code, "version": 1, "code": code, "name": name, "valid_from": since, "valid_to": until}
            for code, name, since, until in UNITS
        ]
        async with self.here.engine.begin() as conn:
            await conn.execute(insert(units), rows)
        await self.here.use(Directory).refresh()

    async def send(self, *items: dict[str, Any], caller: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """The results of a batch."""
        answer = await self.client.post("/v1/dossiers/events", json={"items": items}, headers=caller or self.system)
        assert answer.status_code == 200, answer.text
        results: list[dict[str, Any]] = answer.json()["results"]
        return results

    async def get(self, code: str, caller: Mapping[str, str] | None = None) -> dict[str, Any]:
        answer = await self.client.get(f"/v1/dossiers/{code}", headers=caller or self.system)
        assert answer.status_code == 200, answer.text
        shown: dict[str, Any] = answer.json()
        return shown

    async def events(self) -> list[tuple[str, int, EventData]]:
        """Dossier, version and data of each event, in the order of the log."""
        async with self.here.engine.connect() as conn:
            rows = await conn.execute(
                text("SELECT aggregateid, aggregateversion, type, payload::text FROM outbox ORDER BY seq")
            )
            return [(code, version, decode(kind, payload)) for code, version, kind, payload in rows]


CODE = "H26.33-261102-0001"
ITEM: dict[str, Any] = {
    "dossier": CODE,
    "status": "received",
    "at": "2026-11-02T09:00:00+07:00",
    "procedure": "1.001234",
    "unit": HOME_AFFAIRS,
    "channel": "online",
    "received_at": "2026-11-02T09:00:00+07:00",
    "appointment_at": "2026-11-12T17:00:00+07:00",
}


def item(status: str, at: str, **other: object) -> dict[str, Any]:
    """A delivery of the first dossier, at an hour of Hanoi (`2026-11-03T08:00`)."""
    return ITEM | {"status": status, "at": f"{at}:00+07:00"} | other


def plain(data: EventData) -> dict[str, Any]:
    """The data of an event as JSON has it."""
    shown: dict[str, Any] = msgspec.to_builtins(data)
    return shown
