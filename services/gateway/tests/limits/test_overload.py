"""Ten times what a service can do: who asks little is answered, the rest is told to wait, and nothing piles up."""

import asyncio
from collections import Counter
from collections.abc import Callable

import httpx
import psutil

from tests.support.tokens import TestTokens
from tests.support.upstreams import Service, serving
from tests.support.waiting import LIMIT_SECONDS, until

from .conftest import Limited

PLACES = 16
FLOOD = 10 * PLACES
ENOUGH = 8
"""Requests of each honest caller, one after the other, while the flood goes on."""
QUOTA = 20
"""Of those with made-up tokens, in an hour: nothing comes back while the test runs."""
MOST_BYTES = 150 * 1024 * 1024
PATIENT: dict[str, object] = {f"upstream_{name}_seconds": 600 for name in ("connect", "idle", "total", "restart")}
"""However late a busy machine lets the service answer, it counts as one that answers."""


class Slow(Service):
    """Takes a while over each request, so that places at it are scarce; counts how many it has at once."""

    now = most = 0

    async def _work(self, scope: object, receive: object, send: Callable[..., object]) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.02)
        self.now -= 1
        await self._nothing({}, receive, send)  # type: ignore[arg-type]


async def flood(client: httpx.AsyncClient, headers: dict[str, str], found: Counter[int], over: asyncio.Event) -> None:
    """Asks without a pause, whatever the answer; counts the answers by status."""
    while not over.is_set():
        answer = await client.post("/v1/tasks/work", headers=headers)
        found[answer.status_code] += 1
        assert answer.status_code < 300 or "retry-after" in answer.headers
        assert answer.status_code < 300 or answer.json()["code"] in {"quota-exceeded", "overloaded"}


async def honest(client: httpx.AsyncClient, headers: dict[str, str]) -> list[int]:
    return [(await client.post("/v1/tasks/work", headers=headers)).status_code for _ in range(ENOUGH)]


async def _met(one: Counter[int], other: Counter[int]) -> tuple[bool, int]:
    """Whether each kind of answer was met, and how many answers there were."""
    return one[204] > 0 and one[503] > 0 and other[429] > 0, one.total() + other.total()


async def test_a_flood_costs_only_those_who_make_it(limited: Limited, tokens: TestTokens) -> None:
    slow, over = Slow("/v1/tasks", "/v1/feedback"), asyncio.Event()
    # The one keeps within its quota and asks too much at once; the other, with made-up tokens, is over its quota.
    bounds: dict[str, object] = {"upstream_in_flight": PLACES, "delay_seconds": 60}
    quotas = {"person_writing": "100000", "address_writing": str(QUOTA)}
    one, other = Counter[int](), Counter[int]()
    process = psutil.Process()
    with serving(slow) as url, limited(settings={**bounds, **PATIENT, "tasks_api_url": url}, **quotas) as gateway:
        pool = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        async with httpx.AsyncClient(base_url=gateway, limits=pool, timeout=LIMIT_SECONDS) as client:
            before = process.memory_info().rss
            senders = [(tokens("flood"), one)] * FLOOD
            senders += [({"Authorization": f"Bearer {number}"}, other) for number in range(10)]
            async with asyncio.TaskGroup() as group:
                for headers, found in senders:
                    group.create_task(flood(client, headers, found, over))
                answers = await asyncio.gather(*(honest(client, tokens(f"honest-{number}")) for number in range(4)))
                health = [(await client.get("/livez")).status_code for _ in range(5)]
                # How much of a flood there is by now is the machine's affair: it goes on until all has been met.
                await until(lambda: _met(one, other), lambda met: met[0])
                over.set()
            assert process.memory_info().rss - before < MOST_BYTES
            assert (await client.post("/v1/tasks/work", headers=tokens("late"))).status_code == 204
    assert answers == [[204] * ENOUGH] * 4
    assert health == [200] * 5
    assert set(one) == {204, 503}, "what it may have goes on, and more at once is refused"
    assert other[204] <= QUOTA
    assert set(other) <= {204, 429, 503}
    assert slow.most <= PLACES
