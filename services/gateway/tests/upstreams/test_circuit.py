"""The circuit of an instance, as any order of events moves it; and what it means to callers."""

import asyncio
from collections.abc import Iterator
from functools import partial

import httpx
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from prometheus_client import REGISTRY

from gateway.forwarding import exchange
from gateway.upstreams.circuit import Circuit, State
from tests.support.upstreams import OpenGateway, Service, eventually, serving
from tests.support.wire import Wire

MOST, SECONDS = 3, 5.0
EN = {"Accept-Language": "en"}


class AnyOrder(RuleBasedStateMachine):
    """Requests begin where they are admitted and end in any way, while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.circuit, self.now = Circuit(MOST, SECONDS), 100.0
        self.under_way = 0
        self.sees = False
        self.failures = 0
        self.opened_at: float | None = None

    @rule(seconds=st.sampled_from([0.0, 0.5, SECONDS - 0.5, SECONDS]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.circuit.admits(self.now))
    @rule()
    def a_request_begins(self) -> None:
        was = self.circuit.state
        sees = self.circuit.begin(self.now)
        assert sees == (was is State.OPEN)
        assert not (sees and self.sees), "one at a time"
        self.sees = self.sees or sees
        self.under_way += not sees

    @precondition(lambda self: not self.circuit.admits(self.now))
    @rule()
    def nobody_is_let_by(self) -> None:
        with pytest.raises(RuntimeError):
            self.circuit.begin(self.now)

    @precondition(lambda self: self.under_way)
    @rule()
    def one_is_answered(self) -> None:
        self.under_way -= 1
        self._answered()
        self._decided_without_it()

    @precondition(lambda self: self.under_way)
    @rule()
    def one_is_not_answered(self) -> None:
        self.under_way -= 1
        self._failed()
        self._decided_without_it()

    @precondition(lambda self: self.sees)
    @rule(end=st.sampled_from(["answered", "failed", "gave up"]))
    def the_one_that_sees_ends(self, end: str) -> None:
        self.sees = False
        if end == "answered":
            self._answered()
        elif end == "failed":
            self._failed()
        else:
            self.circuit.gave_up(self.now)
            assert self.circuit.admits(self.now), "the next may see"

    def _decided_without_it(self) -> None:
        """Another request decided what one was sent to see: that one is as any other from now on."""
        if self.sees and self.circuit.state is not State.HALF_OPEN:
            self.sees = False
            self.under_way += 1

    def _answered(self) -> None:
        self.circuit.succeeded()
        self.failures = 0
        assert self.circuit.state is State.CLOSED

    def _failed(self) -> None:
        before = self.circuit.state
        self.circuit.failed(self.now)
        self.failures += 1
        if before is State.HALF_OPEN or (before is State.CLOSED and self.failures >= MOST):
            assert self.circuit.state is State.OPEN
            self.opened_at = self.now
        else:
            assert self.circuit.state is before

    @invariant()
    def what_it_says_fits(self) -> None:
        state = self.circuit.state
        assert self.circuit.admits(self.now + self.circuit.waits(self.now)) == (state is not State.HALF_OPEN)
        assert self.circuit.waits(self.now) <= SECONDS
        if state is State.HALF_OPEN:
            assert self.sees, "who sees is under way"
        if state is State.CLOSED:
            assert self.circuit.admits(self.now)
            assert self.failures < MOST


TestAnyOrder = AnyOrder.TestCase


@pytest.fixture
def other() -> Iterator[tuple[Service, str]]:
    other = Service("/v1/scores")
    with serving(other) as url:
        yield other, url


def shown(url: str) -> float | None:
    address = url.removeprefix("http://")
    return REGISTRY.get_sample_value("cchc_upstream_circuit", {"service": "tasks-api", "address": address})


async def test_a_service_that_hangs_costs_only_its_own_callers(
    open_gateway: OpenGateway, upstream: str, service: Service, other: tuple[Service, str]
) -> None:
    bounds: dict[str, object] = {"upstream_idle_seconds": 0.3, "upstream_failures": 3, "upstream_open_seconds": 0.5}
    with open_gateway(upstream, scoring_api_url=other[1], **bounds) as gateway:
        async with httpx.AsyncClient(base_url=gateway, headers=EN, timeout=60) as client:
            hung = await asyncio.gather(*(client.get("/v1/tasks/silent") for _ in range(3)))
            assert {(each.status_code, each.json()["code"]) for each in hung} == {(504, "service-timeout")}
            asked = service.asked
            refused = await client.get("/v1/tasks")
            assert (refused.status_code, refused.json()["code"]) == (503, "service-unavailable")
            assert int(refused.headers["retry-after"]) >= 1
            assert service.asked == asked, "nothing was sent to it"
            assert shown(upstream) == State.OPEN
            assert (await client.get("/v1/scores")).status_code == 200
            # One by one they see: the first hangs again, and only it; then the service is well.
            await asyncio.sleep(0.6)
            again = await asyncio.gather(*(client.get("/v1/tasks/silent") for _ in range(4)))
            assert sorted(each.status_code for each in again) == [503, 503, 503, 504]
            service.release.set()
            await asyncio.sleep(0.6)
            assert (await client.get("/v1/tasks")).status_code == 200
            assert shown(upstream) == State.CLOSED
            assert {
                each.status_code for each in await asyncio.gather(*(client.get("/v1/tasks") for _ in range(4)))
            } == {200}


async def test_another_instance_takes_what_one_that_hangs_does_not_get(
    open_gateway: OpenGateway, upstream: str, service: Service
) -> None:
    twin = Service("/v1/tasks", "/v1/feedback")
    twin.release.set()
    bounds: dict[str, object] = {"upstream_idle_seconds": 0.3, "upstream_failures": 1, "upstream_open_seconds": 60}
    with serving(twin) as second, open_gateway(f"{upstream},{second}", **bounds) as gateway:
        async with httpx.AsyncClient(base_url=gateway, timeout=60) as client:
            statuses = [(await client.post("/v1/tasks/silent")).status_code for _ in range(6)]
            assert statuses.count(504) == 1
            assert statuses[2:] == [200] * 4
    assert service.asked == 1


async def test_who_hangs_up_while_it_sees_lets_the_next_see(
    open_gateway: OpenGateway, upstream: str, service: Service
) -> None:
    bounds: dict[str, object] = {"upstream_idle_seconds": 0.3, "upstream_failures": 1, "upstream_open_seconds": 0.1}
    with open_gateway(upstream, **bounds) as gateway:
        async with httpx.AsyncClient(base_url=gateway, timeout=60) as client:
            assert (await client.get("/v1/tasks/silent")).status_code == 504
            await asyncio.sleep(0.2)
            with pytest.raises(httpx.ReadTimeout):
                await client.get("/v1/tasks/silent", timeout=0.2)
            assert await asyncio.to_thread(eventually, lambda: service.hung_up >= 2)
            assert (await client.get("/v1/tasks")).status_code == 200


async def test_a_process_that_is_frozen_gets_nothing_until_it_lives_again(
    open_gateway: OpenGateway, upstream: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "DOUBT_SECONDS", 0.3)
    port = int(upstream.rpartition(":")[2])
    bounds: dict[str, object] = {"upstream_connect_seconds": 0.3, "upstream_restart_seconds": 0.3}
    with Wire(lambda: port) as wire, open_gateway(f"http://127.0.0.1:{wire.port}", **bounds) as gateway:
        async with httpx.AsyncClient(base_url=gateway, headers=EN, timeout=60) as client:
            assert (await client.get("/v1/tasks")).status_code == 200
            await asyncio.to_thread(partial(wire.silence, dark=True))
            waiting = asyncio.create_task(client.get("/v1/tasks"))
            gone = {"service": "tasks-api", "address": f"127.0.0.1:{wire.port}"}
            away = partial(REGISTRY.get_sample_value, "cchc_upstream_away", gone)
            assert await asyncio.to_thread(eventually, lambda: away() == 1)
            asked = service.asked
            refused = await client.get("/v1/tasks")
            assert (refused.status_code, refused.json()["code"]) == (503, "service-unavailable")
            assert service.asked == asked, "nothing was sent to it"
            await asyncio.to_thread(wire.mend)
            assert (await waiting).status_code == 200, "what was sent before arrives late"
            assert await asyncio.to_thread(eventually, lambda: away() == 0)
            assert (await client.get("/v1/tasks")).status_code == 200


async def test_a_service_that_only_takes_long_is_not_frozen(
    open_gateway: OpenGateway, upstream: str, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "DOUBT_SECONDS", 0.2)
    with open_gateway(upstream) as gateway:
        async with httpx.AsyncClient(base_url=gateway, timeout=60) as client:
            waiting = asyncio.create_task(client.get("/v1/tasks/silent"))
            assert await asyncio.to_thread(eventually, lambda: service.looked_at > 0)
            assert (await client.get("/v1/tasks")).status_code == 200
            service.release.set()
            assert (await waiting).status_code == 200
