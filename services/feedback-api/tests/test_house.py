"""What holds for the service as a whole: its settings, its callers, its copy of the units."""

import asyncio
import base64
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import create_async_engine

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.http.access import declarations
from cchc_shared.stream import outbox
from feedback_api.bootstrap import build_app, build_worker, open_resources
from feedback_api.contacts.cipher import BrokenSeal, Contact, ContactCipher
from feedback_api.directory.handler import UnitsHandler
from feedback_api.intake.secrets import TrackingSecrets
from feedback_api.models import idempotency
from feedback_api.settings import FeedbackSettings

from .conftest import PROFILE, Service


@pytest.mark.parametrize("key", ["", "short", base64.b64encode(bytes(16)).decode()])
def test_without_a_proper_key_nothing_starts(key: str) -> None:
    with pytest.raises(ValidationError, match="CCHC_CONTACT_KEY"):
        FeedbackSettings(
            database_url="postgresql://x", jwks_url="file:///x", CCHC_PROFILE=PROFILE, CCHC_CONTACT_KEY=key
        )


def test_a_contact_opens_only_for_its_report_and_key() -> None:
    contact = Contact("Nguyễn Văn Bảy", "0912345678")
    cipher = ContactCipher(bytes(32))
    sealed = cipher.seal("PA-26-000001", contact)
    assert cipher.open("PA-26-000001", sealed) == contact
    assert sealed != cipher.seal("PA-26-000001", contact)
    for other, code, data in (
        (cipher, "PA-26-000002", sealed),
        (ContactCipher(bytes(31) + b"x"), "PA-26-000001", sealed),
        (cipher, "PA-26-000001", sealed[:-1] + bytes([sealed[-1] ^ 1])),
    ):
        with pytest.raises(BrokenSeal):
            other.open(code, data)


def test_a_secret_is_the_same_for_the_same_request_only() -> None:
    secrets = TrackingSecrets(bytes(32))
    first = secrets.new("citizen-1", "key", b"digest")
    assert first == secrets.new("citizen-1", "key", b"digest")
    others = {
        secrets.new("citizen-2", "key", b"digest"),
        secrets.new("citizen-1", "key2", b"digest"),
        secrets.new("citizen-1", "key", b"digest2"),
        secrets.new("citizen-1", None, b"digest"),
        secrets.new("citizen-1", None, b"digest"),
        TrackingSecrets(bytes(31) + b"x").new("citizen-1", "key", b"digest"),
    }
    assert len(others | {first}) == 7


def test_only_these_routes_need_no_token(settings: FeedbackSettings) -> None:
    anonymous = {(found.method, found.path) for found in declarations(build_app(settings)) if found.anonymous}
    assert anonymous == {
        ("GET", "/livez"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
        ("POST", "/v1/feedback"),
        ("GET", "/v1/feedback/{code}"),
        ("GET", "/v1/feedback/{code}/history"),
        ("GET", "/v1/feedback/{code}/clocks"),
    }


async def test_old_keys_are_forgotten(service: Service, settings: FeedbackSettings, clock: FixedClock) -> None:
    async with service.resources.engine.begin() as conn:
        await conn.execute(
            insert(idempotency),
            [
                {"caller": "x", "key": "old", "digest": b"", "created_at": datetime(2020, 1, 1, tzinfo=UTC)},
                {"caller": "x", "key": "new", "digest": b"", "created_at": datetime.now(UTC)},
            ],
        )
    async with open_resources(settings, clock), asyncio.timeout(30):
        while len(kept := await service.rows(select(idempotency.c.key))) > 1:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)
    assert [row.key for row in kept] == ["new"]


def unit_event(version: int, code: str = "so-noi-vu", valid_to: date | None = None) -> Event:
    at = datetime(2026, 11, 18, tzinfo=UTC)
    data = UnitDefined(code=code, name="Sở Nội vụ", kind=UnitKind.DEPARTMENT, valid_to=valid_to)
    return new_event(data, subject=f"{code}@", version=version, occurred_at=at, recorded_at=at)


async def test_units_are_what_their_last_event_says(service: Service) -> None:
    async with service.resources.engine.begin() as conn:
        await UnitsHandler().apply(conn, [unit_event(1, "so-moi"), unit_event(2, "so-moi", date(2026, 12, 31))])
        await UnitsHandler().apply(conn, [unit_event(3, "so-moi", date(2026, 11, 30))])
        await UnitsHandler().apply(conn, [])
    units = await service.resources.intake.directory.units(max_age=0)
    assert units.exists("so-moi", date(2026, 11, 30))
    assert not units.exists("so-moi", date(2026, 12, 1))


async def test_the_worker_follows_the_directory(service: Service, settings: FeedbackSettings, database: Any) -> None:
    app = build_worker(settings)
    async with app.router.lifespan_context(app):
        producer = create_async_engine(database.url("tasks").replace("postgresql:", "postgresql+asyncpg:"))
        async with producer.begin() as conn:
            await outbox.write(conn, [unit_event(1, "so-moi")])
        await producer.dispose()
        async with asyncio.timeout(30):
            while not (await service.resources.intake.directory.units(0)).exists("so-moi", date(2026, 11, 18)):  # noqa: ASYNC110 - another process would do it
                await asyncio.sleep(0.05)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
            assert (await client.get("/readyz")).json()["checks"] == {"consumer": True}
