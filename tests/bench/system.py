"""The whole embedded system: how soon it is up, what it weighs, and how soon a report shows in the score."""

import asyncio
import http.client
import json
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import product

from tests.bench.intake import body
from tests.bench.load import REFERENCE, Answers, Load, drive
from tests.bench.results import Bound, Figure, Result
from tests.bench.running import Running, ask, running
from tests.bench.stage import Stage

EVENTS_PER_SECOND = 500.0
SECONDS = 60.0
"""Of so many reports the worst hundredth is more than one or two."""
CONNECTIONS = 32
PERIOD = "2025-09"
RECEIVED_AT = "2025-09-10T09:00:00+07:00"
"""Long past every deadline, so that a report counts in the score of its desk from the moment it is known."""
BACKGROUND = [f"2025-{month:02}-{day:02}T10:00:00+07:00" for month in (7, 8, 10) for day in (5, 12, 19)]


def measure(stage: Stage) -> Iterator[Result]:
    """One installation in a fresh folder, started, stopped, started again, loaded, weighed."""
    folder = stage.folder / "system"
    with running(folder) as system:
        first = system.seconds
    with running(folder) as system:
        yield Result("first start, fresh data folder", [Figure("ready", first, " s")])
        yield Result("second start", [Figure("ready", system.seconds, " s")], system.seconds, Bound("<", 5, " s"))
        time.sleep(2)
        idle = _memory(system)
        answers, delays = asyncio.run(_visible(system))
        loaded = _memory(system)
    cuts = statistics.quantiles(delays, n=100)
    yield Result(
        f"report sent → score seen, at {EVENTS_PER_SECOND:g} events/s",
        [
            Figure("p50", statistics.median(delays), " ms"),
            Figure("p99", cuts[98], " ms"),
            Figure("reports watched", len(delays), ""),
            Figure("other reports", answers.rate, "/s"),
        ],
        cuts[98],
        Bound("<", 250, " ms"),
    )
    for name in sorted(idle, key=lambda part: -idle[part]):
        figures = [Figure("idle", idle[name], " MB"), Figure("after load", loaded.get(name, 0), " MB")]
        yield Result(f"memory of {name} (PSS)", figures)
    total = [Figure("idle", sum(idle.values()), " MB"), Figure("after load", sum(loaded.values()), " MB")]
    yield Result("memory of the whole (PSS)", total)


def _memory(system: Running) -> dict[str, float]:
    """Megabytes of each part: its proportional share of what it holds in common with others, its children with it."""
    return {
        part: sum(process.memory_full_info().pss for process in processes) / 1e6
        for part, processes in system.parts().items()
    }


async def _visible(system: Running) -> tuple[Answers, list[float]]:
    """Post steadily to many units; meanwhile send one unit report after report and look for each in its score."""
    sender, reader = system.token("system"), system.token("coordinator")
    watched, *units = system.communes(reader, RECEIVED_AT[:10])
    with closing(http.client.HTTPConnection("127.0.0.1", system.port, timeout=30)) as connection:
        load = Load(
            port=system.port,
            path="/v1/feedback",
            token=sender,
            bodies=[body(unit, received_at) for unit, received_at in product(units, BACKGROUND)],
            connections=CONNECTIONS,
            seconds=SECONDS,
            warm_up=3,
            rate=EVENTS_PER_SECOND,
        )
        steady = asyncio.create_task(drive(load))
        await asyncio.sleep(load.warm_up)
        watching = asyncio.to_thread(_watch, connection, watched, sender, reader)
        delays = await watching
        answers = await steady
    if answers.refused:
        raise RuntimeError(f"{answers.refused} reports were refused")
    return answers, delays


def _watch(connection: http.client.HTTPConnection, unit: str, sender: str, reader: str) -> list[float]:
    """Milliseconds from sending a report until an answer of the score counts it, both through the gateway."""
    delays: list[float] = []
    deadline = time.perf_counter() + SECONDS
    # Nobody assigns these reports, so that the desk answers for them: who it is, one without a unit tells.
    nobodys = json.loads(body(unit, RECEIVED_AT).replace(REFERENCE, "watched-desk"))
    del nobodys["unit"]
    desk = ask(connection, "POST", "/v1/feedback", sender, json.dumps(nobodys))["unit"]
    while not (counted := _counted(connection, desk, reader)):
        if time.perf_counter() > deadline:
            raise RuntimeError(f"a report did not reach the score within {SECONDS:g} s")
        time.sleep(0.003)
    while (began := time.perf_counter()) < deadline:
        report = body(unit, RECEIVED_AT).replace(REFERENCE, f"watched-{len(delays):012}")
        ask(connection, "POST", "/v1/feedback", sender, report)
        while _counted(connection, desk, reader) == counted:
            if time.perf_counter() - began > 30:
                raise RuntimeError("a report did not reach the score within 30 s")
            time.sleep(0.003)
        delays.append((time.perf_counter() - began) * 1000)
        counted += 1
    return delays


def _counted(connection: http.client.HTTPConnection, unit: str, token: str) -> int:
    """How many reports the score's acceptance criterion is made of."""
    target = f"/v1/scores/{unit}?set=CCHC-CITY&period={PERIOD}"
    tree = ask(connection, "GET", target, token, missing={"tree": []})["tree"]
    return sum(
        int(given["denominator"] or 0)
        for field in tree
        for criterion in field["children"]
        for given in criterion.get("inputs", ())
        if given["indicator"] == "reports_accepted_on_time"
    )
