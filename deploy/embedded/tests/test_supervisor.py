"""What the supervisor promises of the processes it keeps."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from cchc_embedded import supervisor as module
from cchc_embedded.processes import Child, Forked
from cchc_embedded.supervisor import Misconfigured, Part, StopRequested, Supervisor


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    under_test = Supervisor(tmp_path / "run", tmp_path / "logs", said.append)
    with under_test.signals():
        yield under_test
        under_test.stop()


def part(name: str, action: Callable[[], object], *, ready: Callable[[Child], bool] = lambda _: True) -> Part:
    def launch(output: int) -> Child:
        return Forked(name, action, environment=os.environ, output=output)

    return Part(name, launch, ready)


def sleep_for_ever() -> None:
    while True:
        time.sleep(60)


def sign_exists(sign: Path, _: Child) -> bool:
    return sign.exists()


def pid_of(folder: Path, name: str) -> int | None:
    try:
        return int((folder / "run" / f"{name}.pid").read_text())
    except FileNotFoundError:
        return None


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_killed_process_is_started_again_under_a_new_number(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(part("steady", sleep_for_ever))
    first = pid_of(tmp_path, "steady")
    assert first is not None
    os.kill(first, signal.SIGKILL)
    supervisor.watch(lambda: pid_of(tmp_path, "steady") not in {None, first}, timeout=10, look_every=0.02)
    assert supervisor.pids() == {"steady": pid_of(tmp_path, "steady")}


def test_the_pause_grows_while_a_process_keeps_dying(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start(part("dying", lambda: os._exit(3)))
    supervisor.watch(lambda: len(said) >= 4, timeout=20)
    pauses = [float(line.split("again in ")[1].split(" s")[0]) for line in said[:4]]
    assert pauses == [0.1, 0.2, 0.4, 0.8]
    assert all("exit 3" in line for line in said[:4])


def test_a_process_that_refuses_its_settings_is_not_started_again(supervisor: Supervisor, said: list[str]) -> None:
    def refuse() -> None:
        os.write(1, "PORT=x: không dùng được · cannot work: not a number\n".encode())
        os._exit(os.EX_CONFIG)

    supervisor.start(part("refusing", refuse))
    with pytest.raises(Misconfigured, match=r"^refusing: PORT=x: "):
        supervisor.watch(timeout=20)
    assert said == []


def test_a_process_that_ran_long_enough_begins_with_the_first_pause(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STABLE_AFTER", 0.0)
    supervisor.start(part("recovering", lambda: os._exit(3)))
    supervisor.watch(lambda: len(said) >= 3, timeout=20)
    assert all("again in 0.1 s" in line for line in said)


def test_stop_leaves_no_process_and_no_pid_file(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(part("first", sleep_for_ever))
    supervisor.start(part("second", sleep_for_ever))
    numbers = supervisor.pids()
    supervisor.stop()
    assert not any(is_running(pid) for pid in numbers.values())
    assert list((tmp_path / "run").glob("*.pid")) == []


def test_a_process_hears_the_request_to_stop_however_early_it_comes(supervisor: Supervisor, said: list[str]) -> None:
    for number in range(20):
        supervisor.start(part(f"young-{number}", sleep_for_ever))
    supervisor.stop()
    assert said == [], "none had to be killed"


def test_later_groups_stop_first(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"

    def until_told(name: str) -> None:
        def note(*_: object) -> None:
            with order.open("a") as file:
                file.write(f"{name}\n")
            os._exit(0)

        signal.signal(signal.SIGTERM, note)
        (tmp_path / name).touch()
        sleep_for_ever()

    for name in ("database", "service", "gateway"):
        supervisor.start(part(name, partial(until_told, name), ready=partial(sign_exists, tmp_path / name)))
    supervisor.wait_ready(10)
    supervisor.stop()
    assert order.read_text().split() == ["gateway", "service", "database"]


def test_a_process_that_ignores_the_request_is_killed(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(module, "STOP_WITHIN", 0.3)

    def deaf() -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (tmp_path / "deaf").touch()
        sleep_for_ever()

    supervisor.start(part("deaf", deaf, ready=partial(sign_exists, tmp_path / "deaf")))
    supervisor.wait_ready(10)
    (pid,) = supervisor.pids().values()
    supervisor.stop()
    assert not is_running(pid)
    assert any("killed" in line for line in said)


def test_a_signal_asks_to_stop(supervisor: Supervisor) -> None:
    supervisor.start(part("steady", sleep_for_ever))
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(StopRequested):
        supervisor.watch(timeout=10)


def test_what_is_not_ready_in_time_is_named(supervisor: Supervisor) -> None:
    supervisor.start(part("quick", sleep_for_ever), part("slow", sleep_for_ever, ready=lambda _: False))
    with pytest.raises(TimeoutError, match=r"^slow$"):
        supervisor.wait_ready(0.2)


def test_a_job_answers_with_its_exit_code_and_leaves_its_output(supervisor: Supervisor) -> None:
    def fail() -> None:
        os.write(2, b"no such city")
        raise SystemExit(4)

    def launch(output: int) -> Child:
        return Forked("job", fail, environment=os.environ, output=output)

    assert supervisor.run("job", launch, timeout=10) == 4
    assert "no such city" in supervisor.log("job").read_text()


def test_a_log_is_bounded_and_its_last_part_kept(supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOG_LIMIT", 1000)

    def talk() -> None:
        while True:
            os.write(1, b"x" * 99)
            time.sleep(0.001)

    supervisor.start(part("talkative", talk))
    kept = supervisor.log("talkative").with_suffix(".log.1")
    supervisor.watch(kept.exists, timeout=10, look_every=0.02)
    assert kept.stat().st_size > 1000
