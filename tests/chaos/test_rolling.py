"""A rolling restart under load fails no request: what was accepted is finished, and the door waits for who returns."""

import asyncio
import random
import signal
from pathlib import Path

from tests.chaos.clients import Clients
from tests.chaos.load import Load
from tests.chaos.storm import replaced
from tests.support.system import System

# The door itself is one process here: where it must not be missed, several stand behind one address.
ROLLED = ("tasks-api", "feedback-api", "scoring-api", "tasks-worker", "feedback-worker", "scoring-worker")


async def roll(system: System) -> Clients:
    clients = Clients(system.url, random.Random(1))  # noqa: S311 - no secret
    load = Load(system, clients, 1, name="rolling")
    async with asyncio.TaskGroup() as group:
        group.create_task(load.run(senders=8, assigners=3))
        for part in ROLLED:
            await asyncio.sleep(1)
            await replaced(system, part, signal.SIGTERM)
        load.stop()
    await clients.close()
    return clients


def test_a_rolling_restart_fails_no_request(tmp_path: Path) -> None:
    with System(tmp_path / "data") as system:
        clients = asyncio.run(roll(system))
    assert set(clients.answers) == {"200", "201"}, clients.answers
    assert clients.refusals == []
    assert all(operation.told for operation in clients.operations)
