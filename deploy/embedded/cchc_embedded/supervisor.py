"""Keeps processes running: starts, watches, starts again with a growing pause, and stops in order.

It has one thread and blocks nowhere but in `select`, so that it may fork at any moment.
"""

import os
import select
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cchc_embedded.last_error import last_error, size
from cchc_embedded.processes import Child

FIRST_PAUSE = 0.1
LONGEST_PAUSE = 15.0
STABLE_AFTER = 10.0
"""A process that has run for so many seconds begins again with the first pause."""
STOP_WITHIN = 20.0
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOG_LIMIT = 20 * 1024 * 1024


class StopRequested(Exception):
    """One of `STOPPING` arrived."""


class NotReady(TimeoutError):
    """Parts that were not ready in time, by their names."""

    def __init__(self, parts: Sequence[str]) -> None:
        super().__init__(", ".join(parts))
        self.parts = parts


class Misconfigured(Exception):
    """A part refuses its settings: it would do so again each time it is started."""


@dataclass(frozen=True)
class Part:
    """One process that is to run. `launch` gets the descriptor for its output; `is_ready` looks at a running one."""

    name: str
    launch: Callable[[int], Child]
    is_ready: Callable[[Child], bool]
    stop_signal: signal.Signals = signal.SIGTERM


@dataclass
class _Running:
    part: Part
    child: Child | None = None
    started: float = 0
    pause: float = FIRST_PAUSE
    again_at: float = 0


class Supervisor:
    """Processes in groups: a later group is stopped before an earlier one. Pid files and logs are named by part."""

    def __init__(self, pids: Path, logs: Path, say: Callable[[str], None] = print) -> None:
        self._pids = pids
        self._logs = logs
        self._say = say
        self._groups: list[list[_Running]] = []
        self._logged: dict[str, int] = {}
        """How long each log was when its process was started: what stands behind that is its own."""
        self._asked = 0
        self._wake, self._waker = os.pipe()
        for folder in (pids, logs):
            folder.mkdir(parents=True, exist_ok=True)
        for stale in pids.glob("*.pid"):
            stale.unlink()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """While inside, SIGINT, SIGTERM and SIGHUP ask to stop, and the end of a child wakes the supervisor."""
        os.set_blocking(self._waker, False)
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        before = {number: signal.signal(number, self._ask) for number in STOPPING}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, *parts: Part) -> None:
        """Starts one group; does not wait."""
        group = [_Running(part) for part in parts]
        self._groups.append(group)
        for running in group:
            self._launch(running)

    def wait_ready(self, timeout: float) -> None:
        """Returns once every part is ready. Raises `NotReady` that names those which are not."""
        waiting = list(self._all())

        def all_ready() -> bool:
            waiting[:] = [each for each in waiting if not (each.child and each.part.is_ready(each.child))]
            return not waiting

        try:
            self.watch(all_ready, timeout=timeout, look_every=0.03)
        except TimeoutError as error:
            raise NotReady([each.part.name for each in waiting]) from error

    def run(self, name: str, launch: Callable[[int], Child], timeout: float) -> int:
        """Runs something that ends by itself, next to the parts, and returns its exit code."""
        child = self._with_log(name, launch)
        codes: list[int | None] = []

        def ended() -> bool:
            codes[:] = [child.poll()]
            return codes != [None]

        try:
            self.watch(ended, timeout=timeout)
        except BaseException:
            _signal_group(child, signal.SIGKILL)
            raise
        return codes[0] or 0

    def watch(
        self, until: Callable[[], bool] = lambda: False, *, timeout: float | None = None, look_every: float = 1.0
    ) -> None:
        """Keeps the parts running until `until` holds. Raises `StopRequested`, `TimeoutError`, or `Misconfigured`."""
        end = None if timeout is None else time.monotonic() + timeout
        while not until():
            if end is not None and time.monotonic() > end:
                raise TimeoutError
            self._sleep(look_every)
            if self._asked:
                raise StopRequested
            for running in self._all():
                self._look_after(running)

    def stop(self) -> None:
        """Ends the groups, the last first: asks each, waits, and kills what does not go. Asked twice, kills at once."""
        asked = self._asked
        for group in reversed(self._groups):
            alive = [(each.part, each.child) for each in group if each.child and each.child.poll() is None]
            for part, child in alive:
                with suppress(ProcessLookupError):
                    os.kill(child.pid, part.stop_signal)
            end = time.monotonic() + STOP_WITHIN
            while any(child.poll() is None for _, child in alive) and time.monotonic() < end and self._asked == asked:
                self._sleep(0.2)
            for part, child in alive:
                if child.poll() is None:
                    self._say(f"{part.name}: không dừng, buộc dừng · did not stop, killed")
                _signal_group(child, signal.SIGKILL)
                while child.poll() is None:
                    time.sleep(0.01)
                self._pid_file(part).unlink(missing_ok=True)
        self._groups.clear()

    def log(self, name: str) -> Path:
        """Where a part's output goes."""
        return self._logs / f"{name}.log"

    def last_error(self, name: str) -> str:
        """What a part's log says of its end, since it was last started."""
        return last_error(self.log(name), self._logged.get(name, 0))

    def pids(self) -> dict[str, int]:
        """The process number of every part that runs."""
        return {each.part.name: each.child.pid for each in self._all() if each.child}

    def _all(self) -> Iterator[_Running]:
        for group in self._groups:
            yield from group

    def _launch(self, running: _Running) -> None:
        running.child = self._with_log(running.part.name, running.part.launch)
        running.started = time.monotonic()
        draft = self._pid_file(running.part).with_suffix(".new")
        draft.write_text(f"{running.child.pid}\n")
        draft.replace(self._pid_file(running.part))

    def _with_log(self, name: str, launch: Callable[[int], Child]) -> Child:
        self._logged[name] = size(self.log(name))
        output = os.open(self.log(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
        try:
            return launch(output)
        finally:
            os.close(output)

    def _look_after(self, running: _Running) -> None:
        now = time.monotonic()
        if running.child is None:
            if now >= running.again_at:
                self._launch(running)
            return
        code = running.child.poll()
        if code is None:
            self._bound_log(running)
            return
        _signal_group(running.child, signal.SIGKILL)  # what it may have started itself
        self._pid_file(running.part).unlink(missing_ok=True)
        if code == os.EX_CONFIG:
            raise Misconfigured(f"{running.part.name}: {self.last_error(running.part.name)}")
        if now - running.started > STABLE_AFTER:
            running.pause = FIRST_PAUSE
        running.child = None
        running.again_at = now + running.pause
        self._say(
            f"{running.part.name}: {_ending(code)}; khởi động lại sau · starts again in {running.pause:.1f} s"
            f" ({self.log(running.part.name)}){self._words(running.part.name) if code > 0 else ''}"
        )
        running.pause = min(running.pause * 2, LONGEST_PAUSE)

    def _words(self, name: str) -> str:
        words = self.last_error(name)
        return f"\n    {words}" if words else ""

    def _bound_log(self, running: _Running) -> None:
        log = self.log(running.part.name)
        if log.stat().st_size > LOG_LIMIT:
            # The process appends to this very file, so it is copied and emptied, not moved.
            log.with_suffix(".log.1").write_bytes(log.read_bytes())
            os.truncate(log, 0)
            self._logged[running.part.name] = 0

    def _sleep(self, longest: float) -> None:
        now = time.monotonic()
        due = [each.again_at - now for each in self._all() if each.child is None]
        if select.select([self._wake], [], [], max(0.0, min([longest, *due])))[0]:
            os.read(self._wake, 4096)

    def _ask(self, *_: object) -> None:
        self._asked += 1

    def _pid_file(self, part: Part) -> Path:
        return self._pids / f"{part.name}.pid"


def _signal_group(child: Child, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"
