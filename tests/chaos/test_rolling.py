"""A rolling restart under load fails no request: services finish what they accepted, the gateway waits for the rest."""

import asyncio
import random
import signal
from pathlib import Path

from tests.chaos.clients import Clients
from tests.chaos.faults import End
from tests.chaos.load import Load
from tests.chaos.targets import First
from tests.support.installed import Installed
from tests.support.system import System

# The gateway is not among them: one process of it runs here. Where it must always answer, several run behind one
# address.
ROLLED = ("tasks-api", "feedback-api", "scoring-api", "tasks-worker", "feedback-worker", "scoring-worker")
RESTART_SECONDS = 120
"""How long the gateway waits for a service here: how long one takes to start is the machine's affair."""


async def roll(system: System) -> Clients:
    clients = Clients(lambda: [system.url], random.Random(1), seconds=2 * RESTART_SECONDS)  # noqa: S311 - no secret
    load = Load(system, clients, 1, name="rolling")
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(senders=8, assigners=3))
        for part in ROLLED:
            await asyncio.sleep(1)
            restart = End("stop", First(system, part), signal.SIGTERM, system.tail)
            await restart.inject()
            await restart.heal()
        load.stop()
    await clients.close()
    return clients


def test_a_rolling_restart_fails_no_request(tmp_path: Path, installed: Installed) -> None:
    with installed(tmp_path / "data", UPSTREAM_RESTART_SECONDS=str(RESTART_SECONDS)) as system:
        clients = asyncio.run(roll(system))
        said = [line for line in system.tail(4000).splitlines() if "database unavailable" in line]
    assert set(clients.answers) <= {"200", "201", "412"}, (clients.answers, clients.faults, said)  # 412: to rivals
    assert clients.refusals == []
    assert all(operation.told or operation.refused for operation in clients.operations)
