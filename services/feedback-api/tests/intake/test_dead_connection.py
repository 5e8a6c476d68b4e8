"""A connection to the database that is dead, though nobody says so, costs one group of reports and not the service."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from cchc_shared.service.health import Health
from feedback_api.bootstrap import build_app
from feedback_api.settings import FeedbackSettings
from tests.support.databases import Database
from tests.support.waiting import until
from tests.support.wire import Wire

from ..conftest import REPORT, Service

# Connections that are given up are closed by nobody: that is what is tried here.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def wire(database: Database) -> Iterator[Wire]:
    port = urlsplit(database.url("feedback")).port
    assert port is not None
    with Wire(lambda: port) as wire:
        yield wire


@pytest.fixture
async def behind_a_wire(settings: FeedbackSettings, database: Database, wire: Wire) -> AsyncIterator[Service]:
    port = urlsplit(database.url("feedback")).port
    through = settings.model_copy(update={"database_url": settings.database_url.replace(f":{port}", f":{wire.port}")})
    app = build_app(through)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
            service = Service(client, app.state.context)
            await service.define_units()
            yield service
            wire.mend()
    del app, transport, client, service
    gc.collect()  # here, where the complaints of what was given up are expected


async def send(service: Service) -> httpx.Response:
    return await service.client.post("/v1/feedback", json=REPORT, timeout=120)


async def test_a_dead_connection_costs_one_group_and_the_next_is_written(behind_a_wire: Service, wire: Wire) -> None:
    assert (await send(behind_a_wire)).status_code == 201
    wire.silence()  # the connections that are open pass nothing more; new ones work
    answer = await send(behind_a_wire)
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert answer.headers["Retry-After"]
    answers = [await send(behind_a_wire) for _ in range(10)]
    assert 201 in [each.status_code for each in answers], "each dead connection may cost one group"
    assert (await send(behind_a_wire)).status_code == 201


async def test_intake_says_that_it_hangs(behind_a_wire: Service, wire: Wire) -> None:
    assert (await send(behind_a_wire)).status_code == 201  # with codes in store for the next
    [look] = behind_a_wire.here.checks.values()
    assert look().ready
    wire.silence(dark=True)
    sending = asyncio.create_task(send(behind_a_wire))

    async def looked() -> Health:
        return look()

    found = await until(looked, lambda health: not health.ready)
    assert "writing reports has hung" in (found.why or "")
    assert (await sending).status_code == 503
