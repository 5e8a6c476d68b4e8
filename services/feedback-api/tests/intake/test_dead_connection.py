"""A connection to the database that is dead, though nobody says so, costs one group of reports and not the service."""

import asyncio
import base64
import contextlib
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from cchc_shared.service.health import Health
from cchc_shared.storage.database import ANSWERING
from feedback_api.bootstrap import build_app
from feedback_api.settings import FeedbackSettings
from tests.support.at_once import InProcess
from tests.support.databases import Database
from tests.support.upstreams import free_port
from tests.support.waiting import LIMIT_SECONDS, until
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
    async with opened(settings, database, wire) as service:
        yield service


@contextlib.asynccontextmanager
async def opened(settings: FeedbackSettings, database: Database, wire: Wire) -> AsyncIterator[Service]:
    port = urlsplit(database.url("feedback")).port
    through = settings.model_copy(update={"database_url": settings.database_url.replace(f":{port}", f":{wire.port}")})
    app = build_app(through)
    async with app.router.lifespan_context(app):
        transport = InProcess(app, raise_app_exceptions=False)
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


async def test_new_codes_are_waited_for_no_longer_than_a_group(
    monkeypatch: pytest.MonkeyPatch, settings: FeedbackSettings, database: Database, wire: Wire
) -> None:
    monkeypatch.setattr("cchc_shared.service.assembly.ANSWERING", replace(ANSWERING, command=600))
    async with opened(settings, database, wire) as service:  # nothing else bounds a statement, and no code is in store
        wire.silence()
        answer = await asyncio.wait_for(send(service), LIMIT_SECONDS)
        assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
        answers = [await send(service) for _ in range(10)]
        assert 201 in [each.status_code for each in answers], "each dead connection may cost one block"


async def test_intake_says_that_it_hangs(behind_a_wire: Service, wire: Wire) -> None:
    assert (await send(behind_a_wire)).status_code == 201  # with codes in store for the next
    look = behind_a_wire.here.checks["intake"]
    assert look().ready
    wire.silence(dark=True)
    sending = asyncio.create_task(send(behind_a_wire))

    async def looked() -> Health:
        return look()

    found = await until(looked, lambda health: not health.ready)
    assert "writing reports has hung" in (found.why or "")
    assert (await sending).status_code == 503


async def test_a_process_that_is_asked_to_stop_ends_whatever_hangs(
    service: Service, settings: FeedbackSettings, wire: Wire
) -> None:
    assert service.directory.units, "or the process is never ready"
    port, port_of_service = urlsplit(settings.database_url).port, free_port()
    environment = {
        "DATABASE_URL": settings.database_url.replace(f":{port}", f":{wire.port}"),
        "JWKS_URL": settings.jwks_url or "",
        "CCHC_PROFILE": str(settings.profile),
        "CCHC_CONTACT_KEY": base64.b64encode(settings.keys[0]).decode(),
        "PORT": str(port_of_service),
        "DRAIN_SECONDS": "1",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "feedback_api.api", env=os.environ | environment, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port_of_service}", timeout=LIMIT_SECONDS) as client:

            async def ready() -> bool:
                with contextlib.suppress(httpx.TransportError):
                    return (await client.get("/readyz")).status_code == 200
                return False

            await until(ready)
            wire.silence(dark=True)
            hanging = asyncio.create_task(client.get("/v1/feedback/PA-26-000001", headers={"X-Tracking-Secret": "x"}))
            await asyncio.sleep(0.5)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(LIMIT_SECONDS):
                await process.wait()
            await asyncio.gather(hanging, return_exceptions=True)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode in {0, 1}, "1: it was stopped hard"
