"""`make run`, as its user meets it: start, a killed part, a second run beside it, and the end."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cchc_embedded.processes import free_port

PARTS = {"gateway", "tasks-api", "feedback-api", "feedback-worker", "scoring-worker", "scoring-api", "postgres"}


class Run:
    """One embedded system, started as `make run` does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.output = folder.with_suffix(".out")
        own = {"CCHC_DATA_DIR": str(folder), "CCHC_PORT": str(self.port)}
        inherited = {
            name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"}
        }
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "cchc_embedded.run"],
                env=inherited | own,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + 90
        while not holds():
            assert time.monotonic() < end, self.output.read_text()
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.05)

    def ready(self) -> bool:
        return "Ctrl-C" in self.output.read_text()

    def pid(self, part: str) -> int | None:
        try:
            return int((self.folder / "run" / f"{part}.pid").read_text())
        except FileNotFoundError:
            return None

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2) as answer:
                return bool(json.load(answer)["ready"])
        except OSError:
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@pytest.fixture
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Run]]:
    runs: list[Run] = []

    def begin(name: str) -> Run:
        runs.append(Run(tmp_path_factory.getbasetemp() / name))
        return runs[-1]

    yield begin
    for run in runs:
        if run.process.poll() is None:
            run.stop()


def _running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_start_kill_one_and_stop(start: Callable[[str], Run]) -> None:
    run, neighbour = start("one"), start("two")
    run.wait_until(run.ready)
    neighbour.wait_until(neighbour.ready)
    assert {file.stem for file in (run.folder / "run").glob("*.pid")} == PARTS

    for victim in ("tasks-api", "postgres"):
        before = run.pid(victim)
        assert before is not None
        os.kill(before, signal.SIGKILL)
        run.wait_until(lambda victim=victim, before=before: run.pid(victim) not in {None, before})  # type: ignore[misc]
    run.wait_until(run.answers)

    numbers = [pid for part in PARTS if (pid := run.pid(part))]
    assert run.stop() == 0
    assert not [pid for pid in numbers if _running(pid)]
    assert list((run.folder / "run").glob("*.pid")) == []
    assert neighbour.answers()
    assert neighbour.stop() == 0


def test_a_folder_in_use_is_refused(start: Callable[[str], Run]) -> None:
    first = start("shared")
    first.wait_until(lambda: (first.folder / "run" / "lock").exists())
    second = start("shared")
    assert second.process.wait(timeout=30) == 1
    assert "another run uses this folder" in second.output.read_text()


def test_nothing_survives_a_killed_launcher(start: Callable[[str], Run]) -> None:
    run = start("orphans")
    run.wait_until(run.ready)
    numbers = [pid for part in PARTS if (pid := run.pid(part))]
    run.process.kill()
    run.process.wait()
    end = time.monotonic() + 30
    while left := [pid for pid in numbers if _running(pid)]:
        assert time.monotonic() < end, left
        time.sleep(0.05)
