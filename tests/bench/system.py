"""The whole embedded system: how soon it is up, what it weighs, and how soon a report shows in the score."""

import asyncio
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import product
from pathlib import Path
from typing import Any

import psutil

from cchc_embedded.paths import REPOSITORY
from cchc_embedded.processes import free_port
from tests.bench.intake import body
from tests.bench.load import REFERENCE, Answers, Load, drive
from tests.bench.results import Bound, Figure, Result
from tests.bench.stage import Stage

EVENTS_PER_SECOND = 500.0
SECONDS = 20.0
CONNECTIONS = 32
PERIOD = "2025-09"
RECEIVED_AT = "2025-09-10T09:00:00+07:00"
"""Long past every deadline, so that a report counts in its unit's score from the moment it is known."""
BACKGROUND = [f"2025-{month:02}-{day:02}T10:00:00+07:00" for month in (8, 9, 10) for day in (5, 12, 19)]
READY = b"ready after"


def measure(stage: Stage) -> Iterator[Result]:
    """One installation in a fresh folder, started, stopped, started again, loaded, weighed."""
    folder = stage.folder / "system"
    with _running(folder) as (_, first, _):
        pass
    with _running(folder) as (port, second, supervisor):
        yield Result("first start, fresh data folder", [Figure("ready", first, " s")])
        yield Result("second start", [Figure("ready", second, " s")], second, Bound("<", 5, " s"))
        time.sleep(2)
        idle = _memory(folder, supervisor)
        answers, delays = asyncio.run(_visible(port))
        loaded = _memory(folder, supervisor)
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


@contextmanager
def _running(folder: Path) -> Iterator[tuple[int, float, int]]:
    """The gateway's port, the seconds from the command to the words that all is ready, and the supervisor's pid."""
    port = free_port()
    environment = {**os.environ, "CCHC_DATA_DIR": str(folder), "CCHC_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"):
        environment.pop(name, None)
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", "cchc_embedded.run"], env=environment, cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            said: list[bytes] = []
            while not said or READY not in said[-1]:
                said.append(process.stdout.readline())
                if not said[-1]:
                    raise RuntimeError(b"".join(said).decode())
            yield port, time.perf_counter() - began, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    if process.returncode:
        raise RuntimeError(f"the system ended with {process.returncode}")


def _memory(folder: Path, supervisor: int) -> dict[str, float]:
    """Megabytes of each part: its proportional share of what it holds in common with others, its children with it."""
    weights = {"supervisor": psutil.Process(supervisor).memory_full_info().pss / 1e6}
    for file in (folder / "run").glob("*.pid"):
        process = psutil.Process(int(file.read_text()))
        family = [process, *process.children(recursive=True)] if file.stem == "postgres" else [process]
        weights[file.stem] = sum(one.memory_full_info().pss for one in family) / 1e6
    return weights


async def _visible(port: int) -> tuple[Answers, list[float]]:
    """Post steadily to many units; meanwhile send one unit report after report and look for each in its score."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as door:
        sender, reader = (_token(door, roles) for roles in (["system"], ["coordinator"]))
        watched, *units = _communes(door, reader)
        load = Load(
            port=port,
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
        watching = asyncio.to_thread(_watch, door, watched, sender, reader)
        delays = await watching
        answers = await steady
    if answers.refused:
        raise RuntimeError(f"{answers.refused} reports were refused")
    return answers, delays


def _watch(door: http.client.HTTPConnection, unit: str, sender: str, reader: str) -> list[float]:
    """Milliseconds from sending a report until an answer of the score counts it, both through the gateway."""
    delays: list[float] = []
    deadline = time.perf_counter() + SECONDS
    counted = _counted(door, unit, reader)
    while (began := time.perf_counter()) < deadline:
        report = body(unit, RECEIVED_AT).replace(REFERENCE, f"watched-{len(delays):012}")
        _ask(door, "POST", "/v1/feedback", sender, report)
        while _counted(door, unit, reader) == counted:
            if time.perf_counter() - began > 30:
                raise RuntimeError("a report did not reach the score within 30 s")
            time.sleep(0.003)
        delays.append((time.perf_counter() - began) * 1000)
        counted += 1
    return delays


def _counted(door: http.client.HTTPConnection, unit: str, token: str) -> int:
    """How many reports the score's acceptance criterion is made of."""
    target = f"/v1/scores/{unit}?set=CCHC-CITY&period={PERIOD}"
    tree = _ask(door, "GET", target, token, missing={"tree": []})["tree"]
    return sum(
        int(given["denominator"] or 0)
        for field in tree
        for criterion in field["children"]
        for given in criterion.get("inputs", ())
        if given["indicator"] == "reports_accepted_on_time"
    )


def _communes(door: http.client.HTTPConnection, token: str) -> list[str]:
    found = _ask(door, "GET", f"/v1/units?kind=commune&as_of={RECEIVED_AT[:10]}&limit=101", token)
    return [unit["code"] for unit in found["items"]]


def _token(door: http.client.HTTPConnection, roles: list[str]) -> str:
    answer = _ask(door, "POST", "/dev/tokens", "", json.dumps({"sub": f"bench-{roles[0]}", "roles": roles}))
    return f"Bearer {answer['access_token']}"


def _ask(
    door: http.client.HTTPConnection,
    method: str,
    target: str,
    token: str,
    content: str | None = None,
    *,
    missing: dict[str, Any] | None = None,
) -> dict[str, Any]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": token} if token else {})
    door.request(method, target, None if content is None else content.encode(), headers)
    answer = door.getresponse()
    found = answer.read()
    if answer.status == 404 and missing is not None:
        return missing
    if answer.status not in {200, 201}:
        raise RuntimeError(f"{method} {target}: {answer.status} {found[:500]!r}")
    return dict(json.loads(found))
