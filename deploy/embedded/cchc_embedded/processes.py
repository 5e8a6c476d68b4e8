"""Child processes that never outlive the process that started them."""

import ctypes
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from setproctitle import setproctitle

PR_SET_PDEATHSIG = 1
ANSWERED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
"""What a process that forks may have an answer of its own to; its copies have none."""

_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


class Child(Protocol):
    """A started process."""

    pid: int

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; `None` while it runs."""


@dataclass(frozen=True)
class Account:
    """The operating-system account that a child runs under."""

    uid: int
    gid: int


def spawn(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    output: IO[bytes] | int,
    stop_signal: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    folder: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Starts `command` in a session of its own; the kernel sends it `stop_signal` when this process dies."""
    parent = os.getpid()
    return subprocess.Popen(
        command,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd=folder,
        preexec_fn=lambda: _die_with(parent, stop_signal),
    )


def _die_with(parent: int, stop_signal: signal.Signals) -> None:
    if _prctl is not None:
        _prctl(PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # it died between the fork and the line above
            os.kill(os.getpid(), signal.SIGKILL)


class Forked:
    """A copy of this process that does one thing. What this process has imported, the copy need not import again."""

    def __init__(self, name: str, action: Callable[[], object], *, environment: Mapping[str, str], output: int) -> None:
        self.returncode: int | None = None
        parent = os.getpid()
        sys.stdout.flush()
        # A signal that comes before the copy answers it by itself must wait, or our own answer would swallow it.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, ANSWERED)
        try:
            self.pid = os.fork()
            if self.pid == 0:
                os._exit(_become(name, action, parent, environment, output))
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def poll(self) -> int | None:
        """Its exit code, negative for a signal; `None` while it runs."""
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def name_process(name: str) -> None:
    """What `ps` and `top` call this process."""
    setproctitle(f"cchc: {name}")


def _become(name: str, action: Callable[[], object], parent: int, environment: Mapping[str, str], output: int) -> int:
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        for number in ANSWERED:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ANSWERED)
        _die_with(parent, signal.SIGTERM)
        name_process(name)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.environ.clear()
        os.environ.update(environment)
        action()
    except SystemExit as leaving:
        return _exit_code(leaving.code)
    except BaseException:  # noqa: BLE001 - the copy must never return into its parent's code
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


def _exit_code(code: object) -> int:
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)
    return 1


def run_until_asked(process: subprocess.Popen[bytes], says: str) -> int:
    """Print what runs, and wait until it ends; SIGINT and SIGTERM end it. 0 when asked to, else its exit code."""
    asked = False

    def stop(*_: object) -> None:
        nonlocal asked
        asked = True
        process.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    print(f"{says} (Ctrl-C: dừng · stop)", flush=True)
    code = process.wait()
    return 0 if asked else code
