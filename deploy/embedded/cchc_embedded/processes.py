"""Child processes that never outlive the process that started them."""

import contextlib
import ctypes
import fcntl
import itertools
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Final, Protocol

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


PORTS: Final = range(15_000, 32_000)
"""Below the range from which the kernel takes the ports of outgoing connections: a service that is started again must
find its port still free."""

_taken: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Different loopback ports that nothing listens on, and that are given to nobody else while this process lives."""
    candidates = random.sample(PORTS, min(len(PORTS), 1000))
    free = list(itertools.islice((port for port in candidates if is_free(port) and _taken_now(port)), count))
    if len(free) < count:
        raise RuntimeError(f"no free ports on 127.0.0.1 between {PORTS.start} and {PORTS.stop}")
    return free


def _taken_now(port: int) -> bool:
    """Whether it could be taken, from this process and from all that begin beside it: it is listened on only later.

    A lock on one byte of a file for each port. The kernel gives it back when the process ends, however it ends.
    """
    if port in _taken:
        return False
    with contextlib.suppress(OSError):  # no such file to be had, or not ours: then only what listens can be seen
        try:
            fcntl.lockf(_locks(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
        except BlockingIOError:
            return False
    _taken.add(port)
    return True


@cache
def _locks() -> int:
    # Never closed: closing any descriptor of the file would give back all locks of this process.
    name = Path(tempfile.gettempdir()) / f"cchc-ports-{os.getuid()}"
    return os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def free_port() -> int:
    """One of `free_ports`."""
    return free_ports(1)[0]


def is_free(port: int) -> bool:
    """Whether a server could listen on that loopback port now."""
    return refusal(port) is None


def refusal(port: int) -> OSError | None:
    """Why no server could listen on that loopback port now; `PermissionError` where this user may not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error
    return None
