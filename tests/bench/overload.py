"""Ten times what a service can do, for half a minute: how long accepted requests take, what the rest is told, what it
weighs, and whether all is as before two seconds later.

Single deliveries of dossiers, through the gateway, without limits of callers: nobody is refused for asking too often.
What 32 callers get who each ask again once they are answered is what can be sustained. The flood does not wait for
answers; it shares these cores with what it floods.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import psutil
from msgspec.structs import replace

from cchc_shared.contract.codes import Role
from tests.bench import lifecycles
from tests.bench.dossiers import DIGITS, body
from tests.bench.load import Answers, Load, drive
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage, in_every_place

CALLERS, FLOOD = 32, 600
"""Connections: of those who wait, and those over which the flood comes."""
TIMES = 10
SECONDS, FLOOD_SECONDS, RECOVERY_SECONDS = 8.0, 30.0, 2.0
LOOK_SECONDS = 0.5


def measure(stage: Stage) -> Iterator[Result]:
    """One gateway, one dossiers-api; before, meanwhile, afterwards."""
    with stage.database() as database, ExitStack() as services:
        asyncio.run(lifecycles.publish(database, lifecycles.units()))
        services.enter_context(stage.service("dossiers_api.worker", DATABASE_URL=database.url("dossiers")))
        service = services.enter_context(stage.service("dossiers_api.api", DATABASE_URL=database.url("dossiers")))
        gateway = services.enter_context(stage.service("gateway.api", **in_every_place(service)))
        processes = {"gateway": _listener(gateway), "dossiers-api": _listener(service)}
        waiting = Load(
            port=gateway,
            path="/v1/dossiers/events",
            token=stage.tokens("one-stop", [Role.SYSTEM])["Authorization"],
            bodies=[body(unit, 1) for unit in lifecycles.UNITS[:8]],
            connections=CALLERS,
            seconds=SECONDS,
            warm_up=2,
            status=200,
            digits=DIGITS,
        )
        before = asyncio.run(drive(waiting))
        flood = replace(waiting, connections=FLOOD, seconds=FLOOD_SECONDS, rate=TIMES * before.rate)
        flooded, weighed = asyncio.run(_meanwhile(flood, processes))
        after = asyncio.run(drive(replace(waiting, warm_up=RECOVERY_SECONDS)))
    refused = {**before.statuses, **after.statuses}
    if refused or not flooded.statuses.keys() <= {"429", "503"}:
        raise RuntimeError(f"refused at rest: {refused}; in the flood: {flooded.statuses}")
    yield Result(
        f"p99 of accepted requests in a flood of {TIMES} times what is sustained, {FLOOD_SECONDS:g} s / before it",
        [
            Figure("before", before.p99_ms, " ms"),
            Figure("in the flood", flooded.p99_ms, " ms"),
            Figure("sustained", before.rate, "/s"),
            Figure("accepted", flooded.rate, "/s"),
            Figure("refused (429, 503)", sum(flooded.statuses.values()) / FLOOD_SECONDS, "/s"),
        ],
        flooded.p99_ms / before.p99_ms,
        Bound("<", 4),
    )
    yield Result(
        f"p99 {RECOVERY_SECONDS:g} s after the flood / before it, nobody refused",
        [Figure("after", after.p99_ms, " ms"), Figure("taken", after.rate, "/s")],
        after.p99_ms / before.p99_ms,
        Bound("<", 2),
    )
    for name, (rest, most) in weighed.items():
        figures = [Figure("before", rest, " MB"), Figure("most", most, " MB")]
        yield Result(f"memory of {name} in the flood (RSS)", figures, most / rest, Bound("<", 2))


def _listener(port: int) -> psutil.Process:
    """The process that listens there."""
    found = [each.pid for each in psutil.net_connections("tcp") if each.status == "LISTEN" and each.laddr.port == port]
    return psutil.Process(found[0])


async def _meanwhile(
    flood: Load, processes: Mapping[str, psutil.Process]
) -> tuple[Answers, Mapping[str, tuple[float, float]]]:
    """What came of the flood; megabytes of each process before, and at most."""
    weights = {name: [_weight(process)] for name, process in processes.items()}
    driving = asyncio.create_task(drive(flood))
    while not driving.done():
        await asyncio.wait([driving], timeout=LOOK_SECONDS)
        for name, process in processes.items():
            weights[name].append(_weight(process))
    return await driving, {name: (found[0], max(found)) for name, found in weights.items()}


def _weight(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 1e6
