"""The operator's address of the whole: what each part says, what it does not say, and what is told on the screen."""

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from cchc_embedded import probes
from cchc_embedded.installation import Installation
from cchc_embedded.launcher import CannotStartError, Launcher
from cchc_embedded.operations import REFUSALS, PartsWatch, WatchedParts
from cchc_embedded.ports import free_port
from cchc_embedded.supervisor import NotReady


class Part:
    """A process that answers at its operator's address what it is told to."""

    def __init__(self) -> None:
        self.checks: dict[str, dict[str, object]] = {"consumer": {"ready": True, "why": None}}
        self.answers = True
        part = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if not part.answers:
                    part.release.wait()
                    return
                ready = all(check["ready"] for check in part.checks.values())
                page = b"cchc_open 1\n" if self.path == "/metrics" else json.dumps({"checks": part.checks}).encode()
                self.send_response(200 if ready or self.path == "/metrics" else 503)
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: object) -> None:
                return None

        self.release = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.release.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def part() -> Iterator[Part]:
    running = Part()
    yield running
    running.stop()


def test_a_change_is_told_once(part: Part) -> None:
    said: list[str] = []
    watch = PartsWatch(WatchedParts({"scoring-worker": part.port}, None), said.append)
    assert not watch.states["scoring-worker"].ready
    watch.look()
    watch.look()
    assert said == [], "that it is ready at last is for the launcher to say"
    part.checks = {"consumer": {"ready": False, "why": "chậm · behind"}, "timers": {"ready": True, "why": None}}
    for _ in range(3):
        watch.look()
    assert said == ["scoring-worker: không sẵn sàng · not ready: consumer: chậm · behind"]
    part.checks = {}
    for _ in range(2):
        watch.look()
    assert said[1:] == ["scoring-worker: sẵn sàng trở lại · ready again"]
    part.checks = {"consumer": {"ready": False, "why": "chậm · behind"}}
    watch.look()
    assert len(said) == 3


def test_a_part_that_refuses_from_its_start_on_is_told_of_too(part: Part) -> None:
    said: list[str] = []
    starting = Part()
    starting.checks = {"process": {"ready": False, "why": "đang khởi động · starting"}}
    watch = PartsWatch(WatchedParts({"scoring-worker": part.port, "tasks-api": starting.port}, None), said.append)
    part.checks = {"consumer": {"ready": False, "why": "từ chối · refused"}}
    for _ in range(REFUSALS + 1):
        watch.look()
    assert said == [], "it may wait for what is still starting"
    starting.checks = {}
    for _ in range(REFUSALS + 1):
        watch.look()
    assert said == ["scoring-worker: không sẵn sàng · not ready: consumer: từ chối · refused"]
    part.checks = {}
    watch.look()
    assert said[1:] == ["scoring-worker: sẵn sàng trở lại · ready again"]
    starting.stop()


def test_a_part_that_was_silent_keeps_no_page_waiting(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "ANSWER_SECONDS", 0.5)
    watch = PartsWatch(WatchedParts({"frozen": part.port}, None), print)
    part.answers = False
    watch.look()
    part.answers = True
    assert "cchc_open" not in watch.metrics().decode(), "it is not asked before it was heard again"
    watch.look()
    assert 'cchc_open{part="frozen"} 1.0' in watch.metrics().decode()


def test_a_part_that_is_silent_and_one_that_is_gone_are_told_apart(part: Part, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "ANSWER_SECONDS", 0.5)
    said: list[str] = []
    watch = PartsWatch(WatchedParts({"frozen": part.port, "gone": free_port()}, None), said.append)
    part.answers = False
    watch.look()
    assert "no answer in" in (watch.states["frozen"].why or "")
    assert "not running" in (watch.states["gone"].why or "")
    assert said == [], "parts that never were ready are still starting"
    metrics = watch.metrics().decode()
    assert 'cchc_part_ready{part="frozen"} 0.0' in metrics
    assert "cchc_open" not in metrics


def test_metrics_carry_the_name_of_their_part(part: Part) -> None:
    watch = PartsWatch(WatchedParts({"feedback-api": part.port}, None), print)
    watch.look()
    assert 'cchc_open{part="feedback-api"} 1.0' in watch.metrics().decode()


def test_a_postgresql_that_takes_connections_and_says_nothing_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probes, "ANSWER_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as frozen:
        state = probes.postgres_state(frozen.getsockname()[1])
    assert not state.ready
    assert "no answer in" in (state.why or "")
    assert "not running" in (probes.postgres_state(free_port()).why or "")


def test_an_answer_that_is_none_of_ours_is_not_ready(part: Part) -> None:
    part.checks = {"consumer": {"ready": False}}
    assert "unknown way" in (probes.service_state(part.port).why or "")


class Late:
    """A supervisor whose parts were not ready in time."""

    def __init__(self, *parts: str) -> None:
        self._parts = parts

    def wait_ready(self, timeout: float) -> None:
        raise NotReady(self._parts)


def test_a_start_goes_on_without_a_worker_that_refuses_its_work(part: Part, tmp_path: Path) -> None:
    ports = {"scoring-worker": part.port, "scoring-api": part.port, "relay": free_port()}
    here = Installation(tmp_path, 0, None, None, secrets={}, ports=ports)
    launcher = Launcher(here)
    part.checks = {"consumer": {"ready": False, "why": "từ chối · refused"}}
    launcher._supervisor = Late("scoring-worker")  # type: ignore[assignment]
    launcher._wait(60)
    for others in (["scoring-api"], ["relay"], ["scoring-worker", "scoring-api"]):
        launcher._supervisor = Late(*others)  # type: ignore[assignment]
        with pytest.raises(CannotStartError, match=", ".join(others)):
            launcher._wait(0)
    part.checks = {"process": {"ready": False, "why": "đang khởi động · starting"}}
    launcher._supervisor = Late("scoring-worker")  # type: ignore[assignment]
    with pytest.raises(CannotStartError):
        launcher._wait(0)
