"""The service over real HTTP in process, against a real PostgreSQL, with a clock of the test's own."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.settings import ServiceSettings
from tasks_api.bootstrap import build_app
from tasks_api.models import outbox
from tasks_api.profile import Profile
from tasks_api.resources import Resources
from tasks_api.seed import seed

HANOI = Path(__file__).parents[3] / "data" / "hanoi"

Headers = dict[str, str]
Tokens = Callable[..., Headers]


@pytest.fixture(scope="session")
def profile() -> Profile:
    """The documents of the city."""
    return Profile.load(HANOI)


@pytest.fixture
def clock() -> FixedClock:
    """Ten in the morning in Hanoi, on 3 June 2024."""
    return FixedClock(datetime(2024, 6, 3, 3, tzinfo=UTC))


class Api:
    """Calls the service as whoever the test says, and looks into its database."""

    def __init__(self, client: httpx.AsyncClient, here: Resources, tokens: Tokens) -> None:
        self.here, self._client, self._tokens = here, client, tokens

    def token(self, *roles: str, unit: str | None = None, sub: str = "someone") -> Headers:
        return self._tokens(sub=sub, roles=roles, unit=unit)

    @property
    def coordinator(self) -> Headers:
        return self.token("coordinator", sub="office")

    @property
    def operator(self) -> Headers:
        return self.token("operator", sub="operator")

    def officer(self, unit: str) -> Headers:
        return self.token("officer", unit=unit, sub=f"officer of {unit}")

    def head(self, unit: str) -> Headers:
        return self.token("unit_head", unit=unit, sub=f"head of {unit}")

    async def get(self, path: str, who: Headers | None = None, **query: Any) -> httpx.Response:
        return await self._client.get(path, params=query, headers=who)

    async def send(self, method: str, path: str, who: Headers | None = None, **more: Any) -> httpx.Response:
        headers = (who or {}) | more.pop("headers", {})
        return await self._client.request(method, path, headers=headers, **more)

    async def act(self, task: dict[str, Any], action: str, who: Headers, **body: Any) -> httpx.Response:
        """Take an action on the version of the task that the test saw."""
        headers = who | {"If-Match": f'"{task["version"]}"'}
        return await self._client.post(f"/v1/tasks/{task['code']}/actions/{action}", json=body, headers=headers)

    async def events(self) -> list[tuple[str, int, str]]:
        """What stands in the outbox: subject, version and last words of the type, in order of writing."""
        query = select(outbox.c.aggregateid, outbox.c.aggregateversion, outbox.c.type)
        async with self.here.engine.connect() as conn:
            rows = (await conn.execute(query.order_by(outbox.c.xid, outbox.c.seq))).all()
        return [(row.aggregateid, row.aggregateversion, row.type.removeprefix("vn.hanoi.cchc.")) for row in rows]


@pytest.fixture
async def api(database: Any, tokens: Any, clock: FixedClock) -> AsyncIterator[Api]:
    """The service with an empty database."""
    settings = ServiceSettings(
        database_url=database.url("tasks"), jwks_url=tokens.jwks_url, environment="embedded", CCHC_PROFILE=HANOI
    )
    app = build_app(settings, clock)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://tasks") as client,
    ):
        yield Api(client, app.state.resources, tokens)


@pytest.fixture
async def city(api: Api) -> Api:
    """The service with the units and the plan of the city."""
    await seed(api.here)
    return api
