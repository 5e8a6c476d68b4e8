"""Gateways count callers together in notify's PostgreSQL, and each gives its part while that is away."""

import time
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
from msgspec.structs import replace
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from cchc_embedded.paths import REPOSITORY
from cchc_shared.contract.yaml_text import read_document
from cchc_shared.service.protocol import OwnProtocol
from gateway.limits.callers import Caller
from gateway.limits.limiter import Limiter
from gateway.limits.rules import CallerRules, Policy
from gateway.limits.stores import NotifyStore
from gateway.limits.together import Together
from gateway.upstreams.bounds import Bounds
from gateway.upstreams.upstream import Upstream
from notify.bootstrap import build_app as notify
from notify.settings import NotifySettings
from tests.support.databases import Database
from tests.support.tokens import TestTokens
from tests.support.upstreams import serving
from tests.support.waiting import until
from tests.support.wire import Wire

ANY_KEY = "A" * 43 + "="
GATEWAYS = 3
QUOTA = 12
SHIPPED = read_document(REPOSITORY / "data/hanoi/caller_rules.yaml", CallerRules)
PERSON = replace(SHIPPED.limits.person, writing=Policy(QUOTA, 3600))
RULES = replace(SHIPPED, limits=replace(SHIPPED.limits, person=PERSON))
"""One request comes back in five minutes: none does while a test runs."""
BOUNDS = Bounds(
    in_flight=16,
    connect_seconds=60,
    idle_seconds=60,
    total_seconds=60,
    restart_seconds=60,
    failures=100,
    open_seconds=0.01,
)


class Gateway:
    """What one gateway knows of callers."""

    def __init__(self, url: str) -> None:
        self.limiter = Limiter(RULES, gateways=GATEWAYS, shared=True)
        self.upstream = Upstream("notify", [url], BOUNDS)
        self.together = Together(self.limiter, NotifyStore(self.upstream))

    def admitted(self, name: str, times: int = 2 * QUOTA) -> int:
        """How many of its requests a caller is let send."""
        caller = Caller(f"person:{name}", "person")
        asked = (self.limiter.count(caller, "POST", "/v1/tasks", time.monotonic()) for _ in range(times))
        return sum(each.standing.admitted for each in asked)


@pytest.fixture
def wire(database: Database) -> Iterator[Wire]:
    port = urlsplit(database.url("notify")).port
    assert port is not None
    with Wire(lambda: port) as wire:
        yield wire


@pytest.fixture
async def gateways(database: Database, tokens: TestTokens, wire: Wire) -> AsyncIterator[list[Gateway]]:
    """In front of one notify, whose database may be cut off."""
    url = database.url("notify")
    through = url.replace(f":{urlsplit(url).port}", f":{wire.port}")
    settings = {"environment": "embedded", "jwks_url": tokens.jwks_url, "CCHC_PROFILE": REPOSITORY / "data/hanoi"}
    keys = {"database_url": through, "CCHC_SYSTEMS_KEY": ANY_KEY, "CCHC_WEBHOOKS_KEY": ANY_KEY}
    with serving(notify(NotifySettings.model_validate(settings | keys)), http=OwnProtocol) as address:
        several = [Gateway(address) for _ in range(GATEWAYS)]
        yield several
        wire.mend()
        for each in several:
            await each.upstream.close()


async def test_a_caller_owes_to_all_what_it_got_from_each(gateways: list[Gateway]) -> None:
    one, two, three = gateways
    assert one.admitted("a", 5) == 5
    await one.together.exchange()
    assert two.admitted("a", 1) == 1
    await two.together.exchange()
    assert two.admitted("a") == QUOTA - 6
    # A gateway hears of a caller when it tells of it: until then it may let it do as much again, and no more.
    assert three.admitted("a") == QUOTA
    given = QUOTA + QUOTA
    for each in gateways:
        given += each.admitted("a")
        await each.together.exchange()
    assert given <= GATEWAYS * QUOTA
    assert [each.admitted("a") for each in gateways] == [0, 0, 0], "nothing, until what was given too often came back"
    assert one.admitted("b") == QUOTA, "others owe nothing"


async def test_without_the_database_all_together_give_the_quota(gateways: list[Gateway], wire: Wire) -> None:
    with capture_logs() as logs:
        wire.refuse()
        for each in gateways:
            each.admitted("c", 1)
            await each.together.exchange()
        assert REGISTRY.get_sample_value("cchc_limits_store_away") == 1
        assert sum(each.admitted("d") for each in gateways) == QUOTA // GATEWAYS * GATEWAYS
        wire.mend()

        async def counted_together() -> float | None:
            for each in gateways:
                each.admitted("e", 1)
                await each.together.exchange()
            return REGISTRY.get_sample_value("cchc_limits_store_away")

        await until(counted_together, lambda away: away == 0)
        assert gateways[0].admitted("f") == QUOTA
    said = [line["event"] for line in logs if line["event"].startswith("limits")]
    assert said.count("limits are counted apart") >= GATEWAYS
    assert said[-1] == "limits are counted together again"
