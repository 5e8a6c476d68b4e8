"""A rolling restart under load fails no request.

Services finish what they accepted, the gateway waits for the rest, and of two gateways behind a balancer one is always
there.
"""

import asyncio
import random
import signal
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from cchc_embedded.ports import free_port
from tests.chaos.clients import Clients
from tests.chaos.faults import End
from tests.chaos.load import Load
from tests.chaos.targets import Another, First, Target
from tests.support.balancer import Balancer
from tests.support.installed import Installed
from tests.support.seconds import Second
from tests.support.system import System
from tests.support.traveller import Traveller, travelled
from tests.support.waiting import until_now

RESTART_SECONDS = 120
"""How long the gateway waits for a service here: how long one takes to start is the machine's affair."""
PATIENCE = 2 * RESTART_SECONDS
SETTINGS = {"UPSTREAM_RESTART_SECONDS": str(RESTART_SECONDS)}
TOGETHER = (
    ("tasks-api", "notify-worker"),
    ("feedback-api", "dossiers-worker"),
    ("scoring-api", "tasks-worker"),
    ("dossiers-api", "feedback-worker"),
    ("notify", "scoring-worker"),
)
"""One API after the other, each with a worker. A relay answers nobody: what its end does is a matter of the chaos."""

ASKED = ("/v1/tasks", "/v1/feedback", "/v1/dossiers", "/v1/systems", "/v1/index-sets")
"""Something of each service that a token is needed for."""


@contextmanager
def another_gateway(system: System) -> Iterator[Second]:
    """One more gateway to the same services."""

    def environment(second: Second) -> Mapping[str, str]:
        own = {"PORT": str(second.port), "OPS_PORT": str(free_port())}
        return system.environment("gateway") | own | SETTINGS

    second = Second(system, "gateway", environment)
    second.port = free_port()
    second.start()
    try:
        until_now(second.health, lambda found: found[0])
        yield second
    finally:
        second.kill()


async def restarted(system: System, *targets: Target) -> None:
    """Stop them together, and return when all of them are back."""
    ends = [End("stop", each, signal.SIGTERM, system.tail) for each in targets]
    for end in ends:
        await end.inject()
    for end in ends:
        await end.heal()


async def roll(system: System, second: Second, stack: ExitStack) -> Clients:
    through = Balancer(system.port, second.port)
    chance = random.Random(1)  # noqa: S311 - no secret
    clients = Clients(lambda: [system.url], chance, seconds=PATIENCE, through=through)

    def client(subject: str, *roles: str, unit: str | None = None) -> httpx.Client:
        headers = system.bearer(subject, *roles, unit=unit) if roles else {}
        return stack.enter_context(
            httpx.Client(base_url=system.url, headers=headers, transport=through, timeout=PATIENCE)
        )

    load = Load(system, clients, 1, name="rolling")
    journey = travelled(Traveller(client))

    def call_everything() -> None:
        for _ in journey:
            pass

    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(senders=8, assigners=3))
        group.create_task(asyncio.to_thread(call_everything))
        for parts in TOGETHER:
            await asyncio.sleep(1)
            await restarted(system, *(First(system, part) for part in parts))
        for path in ASKED:  # the first gateway signs the tokens here: each service is to know its keys before it goes
            await clients.get(path, system.bearer("anybody", "operator", "coordinator"))
        for port, gateway in ((system.port, First(system, "gateway")), (second.port, Another(second))):
            async with through.without(port):
                await restarted(system, gateway)
        load.stop()
    await clients.close()
    return clients


def test_a_rolling_restart_fails_no_request(tmp_path: Path, installed: Installed) -> None:
    with ExitStack() as stack:
        system = stack.enter_context(installed(tmp_path / "data", **SETTINGS))
        second = stack.enter_context(another_gateway(system))
        clients = asyncio.run(roll(system, second, stack))
        said = [line for line in system.tail(4000).splitlines() if "database unavailable" in line]
    told = f"{dict(clients.answers)} {dict(clients.faults)} {said[-3:]}"
    assert set(clients.answers) <= {"200", "201", "412"}, told  # 412: to rivals
    assert clients.refusals == []
    assert all(operation.told or operation.refused for operation in clients.operations)
