"""The copy of the directory of units: followed by the worker, read by the API."""

import asyncio
from datetime import UTC, date, datetime

import httpx
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import create_async_engine

from cchc_shared.contract.codes import UnitKind
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.unit import UnitDefined
from cchc_shared.directory.feature import follow
from cchc_shared.directory.models import units
from cchc_shared.stream import outbox
from feedback_api.bootstrap import build_worker
from feedback_api.settings import FeedbackSettings
from tests.support.databases import Database
from tests.support.waiting import until

from ..conftest import Service


def unit_event(version: int, code: str = "so-noi-vu", valid_to: date | None = None) -> Event:
    at = datetime(2026, 11, 18, tzinfo=UTC)
    data = UnitDefined(code=code, name="Sở Nội vụ", kind=UnitKind.DEPARTMENT, valid_to=valid_to)
    return new_event(data, subject=f"{code}@", version=version, occurred_at=at, recorded_at=at)


async def test_units_are_what_their_last_event_says(service: Service) -> None:
    async with service.here.engine.begin() as conn:
        await follow(conn, [unit_event(1, "so-moi"), unit_event(2, "so-moi", date(2026, 12, 31))], service.here)
        await follow(conn, [unit_event(3, "so-moi", date(2026, 11, 30))], service.here)
    known = await service.directory.refresh()
    assert known.exists("so-moi", date(2026, 11, 30))
    assert not known.exists("so-moi", date(2026, 12, 1))


async def test_names_and_successors_are_copied(service: Service) -> None:
    at, end = datetime(2026, 11, 18, tzinfo=UTC), date(2026, 6, 30)
    data = UnitDefined(
        code="xa-cu", name="Xã Cũ", kind=UnitKind.COMMUNE, valid_to=end, successors=("so-noi-vu", "so-tu-phap")
    )
    event = new_event(data, subject="xa-cu", version=1, occurred_at=at, recorded_at=at)
    async with service.here.engine.begin() as conn:
        await follow(conn, [event], service.here)
    known = await service.directory.refresh()
    [former] = known.meant("xa cu", date(2026, 11, 18))
    assert (former.name, former.kind, former.successors) == (data.name, data.kind, data.successors)


async def test_as_long_as_no_unit_is_known_nobody_is_refused_for_naming_one(service: Service) -> None:
    """A first start: whether that unit exists cannot be told yet, and the process does not call itself ready."""
    look = service.here.checks["units"]
    assert look().ready
    async with service.here.engine.begin() as conn:
        await conn.execute(delete(units))
    await service.directory.refresh()
    assert not look().ready
    answer = await service.post({"unit": "so-noi-vu"})
    assert (answer.status_code, answer.json()["code"]) == (503, "intake-desk-unavailable")
    assert answer.headers["retry-after"]
    await service.define_units()
    assert look().ready
    assert (await service.post({"unit": "so-noi-vu"})).status_code == 201
    assert (await service.post({"unit": "so-khong-co"})).status_code == 422


async def test_the_worker_follows_the_directory(
    service: Service, settings: FeedbackSettings, database: Database
) -> None:
    app = build_worker(settings)
    async with app.router.lifespan_context(app):
        producer = create_async_engine(database.url("tasks").replace("postgresql:", "postgresql+asyncpg:"))
        async with producer.begin() as conn:
            await outbox.write(conn, [unit_event(1, "so-moi")])
        await producer.dispose()
        async with asyncio.timeout(30):
            while not (await service.directory.refresh()).exists("so-moi", date(2026, 11, 18)):  # noqa: ASYNC110 - another process would do it
                await asyncio.sleep(0.05)
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
            # The event that was followed is a week old by its own words: the worker was behind, until it looked again.
            answer = await until(lambda: client.get("/readyz"), lambda found: found.status_code == 200)
            assert answer.json()["checks"].keys() == {"database", "timers", "consumer", "stream"}


async def test_the_api_renews_its_copy_unasked(service: Service) -> None:
    async with service.here.engine.begin() as conn:
        await follow(conn, [unit_event(1, "so-moi")], service.here)
    async with asyncio.timeout(30):
        while not service.directory.units.exists("so-moi", date(2026, 11, 18)):  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.05)
