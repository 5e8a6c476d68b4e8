"""What a report costs: the processor time of every process of the system, through the gateway, with scoring.

Given another checkout (`BASE=…`), its system runs beside this one and is loaded in turn with it: the ratio of the two
is then of one run on one machine. Each has data and an environment of its own. A bare service that validates takes its
turn too: the reports a second of the whole system are set beside its own.
"""

import asyncio
import contextlib
import os
import statistics
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, NamedTuple

import psutil

from cchc_embedded.paths import REPOSITORY
from tests.bench.intake import body
from tests.bench.load import Load, drive
from tests.bench.results import Bound, Figure, Result
from tests.bench.running import Running, running
from tests.bench.stage import Stage

BASE: Final = "BENCH_BASE"
"""Names, in the environment, the folder of a checkout with an environment of its own (`make env` there)."""
CALLERS = 32
SECONDS = 3.0
ROUNDS = 8
IDLE_SECONDS, IDLE_WINDOWS = 2.0, 3
"""The quietest window counts: the database cleans up after itself now and then."""
AT_MOST = 0.6


Spent = dict[str, dict[int, float]]


class Round(NamedTuple):
    """Microseconds of processor a report, by part, and acknowledged reports a second."""

    costs: dict[str, float]
    rate: float

    @property
    def cost(self) -> float:
        return sum(self.costs.values())


def measure(stage: Stage) -> Iterator[Result]:
    """Loads the systems in turn, several times. Without another checkout there is nothing to judge by."""
    checkouts = {"now": REPOSITORY}
    if base := os.environ.get(BASE):
        checkouts["base"] = Path(base).resolve()
    with ExitStack() as systems:
        arms = {name: Arm(systems.enter_context(running(stage.folder / name, at))) for name, at in checkouts.items()}
        bare = systems.enter_context(stage.service("tests.bench.validating"))
        for arm in arms.values():
            arm.warm_up()
        rounds, bare_rates = list[dict[str, Round]](), list[float]()
        for _ in range(ROUNDS):
            rounds.append({name: arm.round() for name, arm in arms.items()})
            bare_rates.append(asyncio.run(drive(arms["now"].load(bare))).rate)
    for name in arms:
        parts = {
            part: statistics.median(one[name].costs.get(part, 0.0) for one in rounds) for part in rounds[0][name].costs
        }
        largest = sorted(parts, key=lambda part: -parts[part])
        yield Result(
            f"processor time of a report, {CALLERS} callers, gateway and scoring: {name}",
            [
                Figure("all", statistics.median(one[name].cost for one in rounds), " µs"),
                *(Figure(part, parts[part], " µs") for part in largest if parts[part] >= 1),
                Figure("reports", statistics.median(one[name].rate for one in rounds), "/s"),
            ],
        )
    yield Result(
        f"reports a second, {CALLERS} callers, gateway and scoring / a bare service that validates",
        [
            Figure("reports", statistics.median(one["now"].rate for one in rounds), "/s"),
            Figure("bare", statistics.median(bare_rates), "/s"),
        ],
        statistics.median(one["now"].rate / rate for one, rate in zip(rounds, bare_rates, strict=True)),
    )
    if "base" in arms:
        ratios = [one["now"].cost / one["base"].cost for one in rounds]
        rates = [one["now"].rate / one["base"].rate for one in rounds]
        yield Result(
            "processor time of a report / that of the other checkout",
            [
                Figure("smallest", min(ratios), ""),
                Figure("largest", max(ratios), ""),
                Figure("reports a second, ratio", statistics.median(rates), ""),
            ],
            statistics.median(ratios),
            Bound("≤", AT_MOST),
        )


class Arm:
    """One system under load."""

    def __init__(self, system: Running) -> None:
        self._system = system
        self._worker = _metrics(system.parts()["scoring-worker"][0])
        self._token = system.token("citizen")
        self._units = system.communes(system.token("coordinator"), time.strftime("%Y-%m-%d"))
        self._idle: dict[str, float] = {}

    def warm_up(self) -> None:
        """Load it once unmeasured, then learn what it spends when nothing happens: µs a second, by part."""
        self._drive()
        windows = [self._idling() for _ in range(IDLE_WINDOWS)]
        self._idle = {part: min(window.get(part, 0.0) for window in windows) for part in windows[0]}

    def round(self) -> Round:
        """Post, wait until the worker has applied every event, and share out what was spent beyond the idle floor."""
        before, began = self._spent(), time.monotonic()
        answered, rate = self._drive()
        took = time.monotonic() - began
        spent = _since(before, self._spent())
        return Round({part: (cost - self._idle.get(part, 0.0) * took) / answered for part, cost in spent.items()}, rate)

    def _idling(self) -> dict[str, float]:
        before, began = self._spent(), time.monotonic()
        time.sleep(IDLE_SECONDS)
        took = time.monotonic() - began
        return {part: spent / took for part, spent in _since(before, self._spent()).items()}

    def load(self, port: int) -> Load:
        """The reports of this system's units, posted to whoever listens there."""
        return Load(
            port=port,
            path="/v1/feedback",
            token=self._token,
            bodies=[body(unit) for unit in self._units],
            connections=CALLERS,
            seconds=SECONDS,
        )

    def _drive(self) -> tuple[int, float]:
        """Reports answered in all, and a second in the measured time."""
        applied = self._applied()
        answers = asyncio.run(drive(self.load(self._system.port)))
        if answers.refused:
            raise RuntimeError(f"{answers.refused} reports were refused")
        deadline = time.monotonic() + 60
        while self._applied() < applied + answers.answered:
            if time.monotonic() > deadline:
                raise RuntimeError("the scoring worker did not catch up within 60 s")
            time.sleep(0.05)
        return answers.answered, answers.rate

    def _applied(self) -> int:
        """Events that the scoring worker has applied since it started."""
        return sum(
            int(float(line.rpartition(" ")[2]))
            for line in _read(self._worker).splitlines()
            if line.startswith("cchc_stream_events_total{") and 'outcome="applied"' in line
        )

    def _spent(self) -> Spent:
        """Microseconds of processor by part and process, from the scheduler's clock of each."""
        return {
            part: {process.pid: spent for process in processes if (spent := _processor_time(process)) is not None}
            for part, processes in self._system.parts().items()
        }


def _since(before: Spent, after: Spent) -> dict[str, float]:
    """By part. A process that has ended in between, as one that cleans tables, is left out."""
    return {
        part: sum(spent - before.get(part, {}).get(pid, 0.0) for pid, spent in processes.items())
        for part, processes in after.items()
    }


def _processor_time(process: psutil.Process) -> float | None:
    """Microseconds, of ended threads too; Linux derives the clock's number from the process's."""
    try:
        return time.clock_gettime_ns((~process.pid << 3) | 2) / 1000
    except OSError:  # a child of the database that has just ended
        return None


def _metrics(process: psutil.Process) -> str:
    """The address at which a process shows its metrics."""
    for connection in process.net_connections("tcp"):
        if connection.status == psutil.CONN_LISTEN:
            address = f"http://127.0.0.1:{connection.laddr.port}/metrics"
            with contextlib.suppress(urllib.error.HTTPError):
                if "cchc_stream_events_total" in _read(address):
                    return address
    raise RuntimeError(f"process {process.pid} shows no metrics")


def _read(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own address
        return str(answer.read().decode())
