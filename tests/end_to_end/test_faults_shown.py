"""Scoring killed, frozen, refused a grant, and fed a dump: each is seen wherever an operator looks, until it is mended.

That is `/readyz`, the screen, the metrics and the alerts on them: those of the whole as with `make run`, and those of
the process that is scraped by itself, as in containers (`APART`). How soon is arithmetic: `test_alerts_at_once.py`.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.administration import done
from tests.support.alerting import Fires, Monitor
from tests.support.databases import execute
from tests.support.dumps import grow_old, restore_by_hand
from tests.support.installed import Installed
from tests.support.operations import readiness, reporting
from tests.support.system import System
from tests.support.waiting import until_now

pytestmark = pytest.mark.parametrize("system", ["postgres"], indirect=True)
VICTIM = "scoring-worker"
APART = "apart"
WINDOW = 31.0
"""Longer than any rule looks back."""
PATIENCE = 3.0
"""How long a scrape is waited for: its interval in the guide."""


def monitor_of(system: System) -> Monitor:
    return Monitor({"whole": system.operations, APART: system.address(VICTIM)}, timeout=PATIENCE)


@pytest.fixture
def monitor(system: System) -> Monitor:
    """Of a system at rest, of which nothing fires."""
    system.wait_at_rest()
    return at_peace(monitor_of(system))


def at_peace(monitor: Monitor) -> Monitor:
    monitor.pass_(WINDOW)
    until_now(monitor.look, lambda fires: fires == set())
    return monitor


def fire(monitor: Monitor, *expected: set[str]) -> None:
    """Of each set one alert at least fires of the victim: seen in the whole, and seen by itself."""
    seen: set[Fires] = set()

    def look() -> set[Fires]:
        seen.update(monitor.look())
        return set(seen)

    whole, apart = expected
    until_now(look, lambda fires: any(Fires(alert, VICTIM) in fires for alert in whole))
    until_now(look, lambda fires: any(Fires(alert, APART) in fires for alert in apart))
    assert "NothingWatched" not in {fires.alert for fires in seen}


def refuses(system: System, why: str, said: int) -> None:
    """The worker is seen to refuse its work: at the operator's address and on the screen."""
    status, found = until_now(lambda: readiness(system), lambda found: why in (found[1]["parts"][VICTIM]["why"] or ""))
    assert (status, found["ready"], found["parts"][VICTIM]["ready"]) == (503, False, False)
    until_now(lambda: system.screen()[said:], lambda text: f"{VICTIM}: không sẵn sàng · not ready" in text)


def mended(system: System, said: int) -> str:
    system.wait_at_rest()
    return until_now(lambda: system.screen()[said:], lambda text: f"{VICTIM}: sẵn sàng trở lại · ready again" in text)


@contextmanager
def frozen(system: System) -> Iterator[None]:
    pid = system.pid(VICTIM)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_a_frozen_part_shows_everywhere_until_it_goes_on(system: System, monitor: Monitor) -> None:
    said = len(system.screen())
    with frozen(system):
        refuses(system, "no answer", said)
        fire(monitor, {"PartNotReady"}, {"ProcessGone"})
    told = mended(system, said)
    assert told.count(f"{VICTIM}: không sẵn sàng") == 1, "once for each change"
    at_peace(monitor)


def test_a_killed_part_shows_everywhere_and_comes_back(system: System, monitor: Monitor) -> None:
    said = len(system.screen())
    before = system.pid(VICTIM)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    fire(monitor, {"PartNotReady", "ProcessStartedAgain"}, {"ProcessGone", "ProcessStartedAgain"})
    until_now(lambda: system.screen()[said:], lambda text: f"{VICTIM}: signal 9" in text)
    until_now(lambda: system.pid(VICTIM), lambda pid: pid not in {None, before})
    system.wait_at_rest()
    at_peace(monitor)


def test_a_part_that_is_back_before_anyone_looked_shows_too(system: System, monitor: Monitor) -> None:
    before = system.pid(VICTIM)
    assert before is not None
    os.kill(before, signal.SIGKILL)
    until_now(lambda: system.pid(VICTIM), lambda pid: pid not in {None, before})
    system.wait_at_rest()
    fire(monitor, {"ProcessStartedAgain"}, {"ProcessStartedAgain"})
    at_peace(monitor)


def test_a_killed_part_that_stays_away_shows_for_as_long(system: System, monitor: Monitor) -> None:
    launcher, before = system.processes()[0], system.pid(VICTIM)
    assert before is not None
    launcher.suspend()  # nobody starts it again
    try:
        os.kill(before, signal.SIGKILL)
        fire(monitor, {"PartNotReady"}, {"ProcessGone"})
        part = readiness(system)[1]["parts"][VICTIM]
        assert (part["ready"], "not running" in part["why"]) == (False, True)
    finally:
        launcher.resume()
    system.wait_at_rest()
    at_peace(monitor)


def test_a_refused_grant_shows_everywhere_and_parks_nothing(system: System, monitor: Monitor) -> None:
    said = len(system.screen())
    execute(system.admin_url, "REVOKE INSERT ON scoring.duty FROM scoring_worker")
    try:
        with system.client("citizen", "citizen") as citizen:
            reporting(citizen)()
        refuses(system, "permission denied for table duty", said)
        fire(monitor, {"PartNotReady"}, {"CheckFails"})
        fire(monitor, {"CheckFails"}, {"CheckFails"})
    finally:
        execute(system.admin_url, "GRANT INSERT ON scoring.duty TO scoring_worker")
    mended(system, said)
    at_peace(monitor)
    with system.client("an operator", "operator") as operator:
        assert operator.get("/v1/parked-events/scoring").json()["items"] == []


@pytest.fixture
def fed(folder: Path, installed: Installed, system: System) -> Iterator[System]:
    """Started on a dump of another server that `pg_restore` put there. `system` is named for its group alone."""
    assert system.parts
    with installed(folder / "old") as old:
        grow_old(old.admin_url)
        with old.client("citizen", "citizen") as citizen:
            reporting(citizen)()
        old.wait_at_rest()
        backup = Path(done(old.folder, "backup", "--to", str(folder / "kept"))[-1])
    young = installed(folder / "young")
    restore_by_hand(backup, young.folder)
    try:
        young.launch()
        yield young
    finally:
        young.__exit__(None, None, None)


def test_a_dump_restored_by_hand_shows_everywhere_until_it_is_restored_by_the_guide(fed: System, folder: Path) -> None:
    until_now(fed.screen, lambda text: f"{VICTIM}: không sẵn sàng · not ready: consumer" in text)
    refuses(fed, "ForeignPositions", 0)
    until_now(fed.screen, lambda text: "ready after" in text)  # it says where each part is
    monitor = monitor_of(fed)
    fire(monitor, {"PartNotReady"}, {"CheckFails"})
    with fed.client("citizen", "citizen") as citizen:
        reporting(citizen)()  # what citizens send is taken in meanwhile
    again = done(fed.folder, "backup", "--to", str(folder / "again"))[-1]
    assert fed.stop() == 0
    done(fed.folder, "restore", again, "--over")
    fed.start()
    fed.wait_at_rest()
    at_peace(monitor_of(fed))
