"""The service in process, over HTTP, on a database of its own."""

import base64
import hashlib
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Executable, insert

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.directory.models import units
from cchc_shared.directory.service import Directory
from cchc_shared.service.context import Context
from feedback_api.bootstrap import build_app
from feedback_api.intake.service import Intake
from feedback_api.intake.writer import IntakeWriter
from feedback_api.settings import FeedbackSettings
from tests.support.at_once import InProcess
from tests.support.databases import Database
from tests.support.tokens import TestTokens

PROFILE = Path(__file__).parents[3] / "data" / "hanoi"
CENTRE = "trung-tam-phuc-vu-hanh-chinh-cong-thanh-pho"
OFFICE = "van-phong-ubnd-thanh-pho"
HOME_AFFAIRS = "so-noi-vu"
JUSTICE = "so-tu-phap"
ENDED = "quan-ba-dinh"
CONTACT_KEY = base64.b64encode(hashlib.sha256(b"the key of the tests").digest()).decode()

OPEN311_KEYS = ",".join(
    f"{name}:{hashlib.sha256(key.encode()).hexdigest()}" for name, key in (("app", "app-key"), ("other", "other-key"))
)

Headers = dict[str, str]
People = dict[str, Headers]

UNITS = [
    (CENTRE, date(2025, 3, 1), None),
    (OFFICE, None, None),
    (HOME_AFFAIRS, None, None),
    (JUSTICE, None, None),
    (ENDED, None, date(2025, 6, 30)),
]


@pytest.fixture
def clock() -> FixedClock:
    """Wednesday 18 November 2026, 09:00 in Hanoi."""
    return FixedClock(datetime(2026, 11, 18, 2, tzinfo=UTC))


@pytest.fixture
def settings(database: Database, tokens: TestTokens, tmp_path: Path) -> FeedbackSettings:
    return FeedbackSettings(
        database_url=database.url("feedback"),
        jwks_url=tokens.jwks_url,
        CCHC_PROFILE=PROFILE,
        attachments_url=f"{tmp_path.as_uri()}/attachments",
        CCHC_CONTACT_KEY=CONTACT_KEY,
        open311_keys=OPEN311_KEYS,
    )


@pytest.fixture
async def service(settings: FeedbackSettings, clock: FixedClock) -> AsyncIterator["Service"]:
    app = build_app(settings, clock)
    async with app.router.lifespan_context(app):
        transport = InProcess(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
            found = Service(client, app.state.context)
            await found.define_units()
            yield found


class Service:
    """The running service, as tests speak to it."""

    def __init__(self, client: httpx.AsyncClient, here: Context) -> None:
        self.client = client
        self.here = here

    @property
    def directory(self) -> Directory:
        return self.here.use(Directory)

    @property
    def writer(self) -> IntakeWriter:
        return self.here.use(Intake).writer

    async def define_units(self) -> None:
        rows = [
            {"subject": code, "version": 1, "code": code, "valid_from": since, "valid_to": until}
            for code, since, until in UNITS
        ]
        async with self.here.engine.begin() as conn:
            await conn.execute(insert(units), rows)
        await self.directory.refresh()

    async def post(self, body: dict[str, Any] | None = None, /, **headers: str) -> httpx.Response:
        """A report, by default an ordinary one on a procedure from the app."""
        return await self.client.post("/v1/feedback", json=REPORT | (body or {}), headers=headers)

    async def act(
        self, code: str, action: str, caller: dict[str, str], version: int, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        return await self.client.post(
            f"/v1/feedback/{code}/actions/{action}",
            json=body or {},
            headers=caller | {"If-Match": f'"{version}"'},
        )

    async def act_on_many(
        self, action: str, caller: Headers, items: list[dict[str, Any]], **headers: str
    ) -> httpx.Response:
        path = f"/v1/feedback/actions/{action}"
        return await self.client.post(path, json={"items": items}, headers=caller | headers)

    async def rows(self, statement: Executable) -> list[Any]:
        async with self.here.engine.connect() as conn:
            return list(await conn.execute(statement))


REPORT: dict[str, Any] = {
    "channel": "ihanoi",
    "kind": "procedure",
    "content": "Hồ sơ nộp đã hai tuần chưa có kết quả",
}


@pytest.fixture
def people(tokens: TestTokens) -> People:
    """Headers of the people in these tests."""
    return {
        "citizen": tokens(sub="citizen-1", roles=["citizen"]),
        "other_citizen": tokens(sub="citizen-2", roles=["citizen"]),
        "system": tokens(sub="hotline", roles=["system"]),
        "desk": tokens(sub="desk-1", roles=["coordinator"]),
        "officer": tokens(sub="officer-1", roles=["officer"], unit=HOME_AFFAIRS),
        "inspector": tokens(sub="inspector-1", roles=["inspector"]),
        "head": tokens(sub="head-1", roles=["unit_head"], unit=HOME_AFFAIRS),
        "other_head": tokens(sub="head-2", roles=["unit_head"], unit=JUSTICE),
        "other_officer": tokens(sub="officer-2", roles=["officer"], unit=JUSTICE),
    }
