"""How soon an operator sees that scoring was killed, is frozen, or refuses its work: printed, and judged by nobody.

A dump that was restored by hand is stood in for by positions of another server: the worker meets the same in both.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from tests.bench.results import Figure, Result
from tests.bench.stage import Stage
from tests.support.alerting import Monitor
from tests.support.databases import execute
from tests.support.operations import reporting
from tests.support.system import System

VICTIM: Final = "scoring-worker"
LONGEST: Final = 60.0
PATIENCE: Final = 3.0
"""How long a scrape is waited for."""
AHEAD = "UPDATE scoring.stream_position SET major = major + 4000000000 WHERE partition = 0"
BACK = "UPDATE scoring.stream_position SET major = major - 4000000000 WHERE major >= 4000000000"


class Fault(NamedTuple):
    """What is done to the worker, what mends it, and the alerts of which one must fire."""

    name: str
    strike: Callable[[System], None]
    mend: Callable[[System], None]
    alerts: frozenset[str]


def measure(stage: Stage) -> Iterator[Result]:
    """One installation; each fault is mended before the next one."""
    with System(stage.folder / "faults") as system:
        for fault in FAULTS:
            system.wait_at_rest()
            monitor = Monitor({"whole": system.operations}, timeout=PATIENCE)
            monitor.look()
            began = time.perf_counter()
            fault.strike(system)
            try:
                seconds = _shown(monitor, fault, began)
            finally:
                fault.mend(system)
            yield Result(f"scoring worker {fault.name}, until a rule holds", [Figure("shown", seconds, " s")])


def _shown(monitor: Monitor, fault: Fault, began: float) -> float:
    """Seconds until one of the rules holds on the metrics of the whole, which are read as fast as they come."""
    while not any(fires.about == VICTIM and fires.alert in fault.alerts for fires in monitor.look()):
        if time.perf_counter() - began > LONGEST:
            raise RuntimeError(f"not shown within {LONGEST:.0f} s")
        time.sleep(0.02)
    return time.perf_counter() - began


def _signal(number: signal.Signals) -> Callable[[System], None]:
    def send(system: System) -> None:
        pid = system.pid(VICTIM)
        if pid is not None:
            os.kill(pid, number)

    return send


def _refuse(system: System) -> None:
    execute(system.admin_url, "REVOKE INSERT ON scoring.duty FROM scoring_worker")
    with system.client("citizen", "citizen") as citizen:
        reporting(citizen)()


def _feed(system: System) -> None:
    execute(system.admin_url, AHEAD)
    _signal(signal.SIGKILL)(system)  # whoever reads is not disturbed before it begins again


KILLED: Final = frozenset({"PartNotReady", "ProcessStartedAgain"})
FAULTS: Final = (
    Fault("killed", _signal(signal.SIGKILL), lambda _: None, KILLED),
    Fault("frozen", _signal(signal.SIGSTOP), _signal(signal.SIGCONT), frozenset({"PartNotReady"})),
    Fault(
        "refused a grant",
        _refuse,
        lambda system: execute(system.admin_url, "GRANT INSERT ON scoring.duty TO scoring_worker"),
        frozenset({"CheckFails"}),
    ),
    Fault("fed a dump", _feed, lambda system: execute(system.admin_url, BACK), frozenset({"CheckFails"})),
)
