"""Checks answer in any case: what hangs or fails is not ready, and says why."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from starlette.applications import Starlette

from cchc_shared.service import health
from cchc_shared.service.app import create_app
from cchc_shared.service.health import READY, Checks, Health, bounded
from cchc_shared.service.operations import create_worker, opening, operator_app
from cchc_shared.service.version import VERSION
from tests.support.contexts import settings

pytestmark = pytest.mark.unit

BEHIND = Health(ready=False, why="chậm · behind")


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "LOOK_SECONDS", 0.05)


async def _behind() -> Mapping[str, Health]:
    return {"database": READY, "consumer": BEHIND}


async def _broken() -> Mapping[str, Health]:
    raise OSError("password=secret")


class Hanging:
    """Checks that do not end, and how often they were begun."""

    def __init__(self) -> None:
        self.begun = 0

    async def __call__(self) -> Mapping[str, Health]:
        self.begun += 1
        await asyncio.Event().wait()
        return {}


async def test_what_answers_is_passed_on() -> None:
    assert await bounded(_behind, "checks")() == {"database": READY, "consumer": BEHIND}


async def test_what_hangs_is_not_ready_and_is_not_begun_again() -> None:
    hanging = Hanging()
    look = bounded(hanging, "database")
    for found in [await look(), *await asyncio.gather(look(), look())]:
        assert not found["database"].ready
        assert "no answer" in (found["database"].why or "")
    assert hanging.begun == 1


async def test_what_fails_is_not_ready_and_keeps_its_words_to_itself() -> None:
    found = (await bounded(_broken, "database")())["database"]
    assert found == Health(ready=False, why="kiểm tra bị lỗi · the check failed: OSError")


def api(checks: Checks) -> Starlette:
    return create_app(name="some-api", settings=settings(), routers=(), checks=checks)


async def ask(app: Starlette, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://process") as client:
        return await client.get(path)


async def test_the_public_address_says_whether_and_the_operators_address_why() -> None:
    app = api(_behind)
    beside = operator_app(app)
    async with app.router.lifespan_context(app):
        public = await ask(app, "/readyz")
        assert (public.status_code, public.json()) == (503, {"ready": False})
        assert (await ask(app, "/metrics")).status_code == 404

        told = await ask(beside, "/readyz")
        assert told.status_code == 503
        assert told.json() == {
            "ready": False,
            "checks": {
                "database": {"ready": True, "why": None},
                "consumer": {"ready": False, "why": "chậm · behind"},
            },
        }
        metrics = (await ask(beside, "/metrics")).text
        assert 'cchc_ready{check="database"} 1.0' in metrics
        assert 'cchc_ready{check="consumer"} 0.0' in metrics
        assert f'cchc_build_info{{service="some-api",version="{VERSION}"}} 1.0' in metrics
        assert "_created" not in metrics


async def test_a_hanging_check_hangs_no_probe() -> None:
    app = api(Hanging())
    async with app.router.lifespan_context(app):
        assert (await ask(app, "/readyz")).status_code == 503
        assert 'cchc_ready{check="checks"} 0.0' in (await ask(operator_app(app), "/metrics")).text


async def test_a_process_is_ready_only_while_it_is_open_and_not_asked_to_stop() -> None:
    async def fine() -> Mapping[str, Health]:
        return {"database": READY}

    app = api(fine)
    beside = operator_app(app)
    assert (await ask(beside, "/readyz")).json()["checks"]["process"]["why"] == health.STARTING.why
    async with app.router.lifespan_context(app):
        assert (await ask(app, "/readyz")).json() == {"ready": True}
        app.state.draining = True
        assert (await ask(app, "/readyz")).status_code == 503
        assert (await ask(beside, "/readyz")).json()["checks"]["process"]["why"] == health.DRAINING.why
        assert (await ask(app, "/livez")).status_code == 200


async def test_a_worker_serves_its_operators_address_and_nothing_else() -> None:
    app = create_worker(name="some-worker", resources=opening(None), checks=_behind)
    async with app.router.lifespan_context(app):
        assert (await ask(app, "/readyz")).json()["checks"]["consumer"]["ready"] is False
        assert (await ask(app, "/livez")).status_code == 200
        assert "cchc_ready" in (await ask(app, "/metrics")).text
        assert (await ask(app, "/openapi.json")).status_code == 404
