"""Child processes that never outlive the process that started them."""

import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1
_prctl = ctypes.CDLL(None).prctl if sys.platform == "linux" else None


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
        preexec_fn=_die_with_parent(stop_signal),
    )


def _die_with_parent(stop_signal: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()

    def prepare() -> None:
        if _prctl is not None:
            _prctl(PR_SET_PDEATHSIG, int(stop_signal))
            if os.getppid() != parent:  # it died between the fork and the line above
                os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def free_port() -> int:
    """A loopback port that nothing listens on.

    It lies below the range from which the kernel takes the ports of outgoing connections: a service that is
    started again must find its port still free.
    """
    for _ in range(1000):
        port = random.randint(15_000, 32_000)  # noqa: S311 - spreads two runs apart, keeps no secret
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port on 127.0.0.1 between 15000 and 32000")
