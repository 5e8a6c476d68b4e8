"""`make run`, as its user meets it: start, killed parts, a second run beside it, and the end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from cchc_embedded.ports import free_port
from tests.support.installed import Installed
from tests.support.system import PARTS, System


def wait_until(holds: Callable[[], bool], system: System) -> None:
    end = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < end, system.tail()
        time.sleep(0.05)


def is_ready(system: System) -> bool:
    try:
        return httpx.get(f"{system.url}/readyz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


def restarted(system: System, part: str, before: int) -> Callable[[], bool]:
    return lambda: system.pid(part) not in {None, before}


def test_a_run_mends_itself_stops_cleanly_and_leaves_its_neighbour_alone(folder: Path, installed: Installed) -> None:
    with System(folder / "one") as run, installed(folder / "two") as neighbour:
        assert {file.stem for file in (run.folder / "run").glob("*.pid")} == {*PARTS, "operations"}
        for victim in ("tasks-api", "postgres"):
            before = run.pid(victim)
            assert before is not None
            os.kill(before, signal.SIGKILL)
            wait_until(restarted(run, victim, before), run)
        wait_until(lambda: is_ready(run), run)

        processes = run.processes()
        assert run.stop() == 0
        assert not [process for process in processes if process.is_running()]
        assert list((run.folder / "run").glob("*.pid")) == []
        assert is_ready(neighbour)
        assert neighbour.stop() == 0


def refused(folder: Path, port: int) -> str:
    """What a run on that folder and port says before it ends."""
    environment = os.environ | {"CCHC_DATA_DIR": str(folder), "CCHC_PORT": str(port)}
    second = subprocess.run(
        [sys.executable, "-m", "cchc_embedded.run"], env=environment, capture_output=True, text=True, check=False
    )
    assert second.returncode == 1
    return second.stdout


def test_a_folder_or_port_in_use_is_refused_and_free_again_after_a_killed_launcher(
    folder: Path, installed: Installed
) -> None:
    with installed(folder / "data") as run:
        assert f"port {run.port} is taken" in refused(folder / "other", run.port)
        assert not (folder / "other" / "postgres").exists(), "nothing was started"
        assert "another run uses this folder" in refused(run.folder, free_port())
        assert is_ready(run)

        launcher, *children = run.processes()
        launcher.kill()
        gone, alive = psutil.wait_procs([launcher, *children], timeout=30)
        assert not alive, alive
        assert len(gone) == 1 + len(children)
    with System(folder / "data") as again:
        assert again.stop() == 0
