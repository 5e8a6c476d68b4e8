"""Ports of the loopback address that are free, each given out once."""

import contextlib
import fcntl
import itertools
import os
import random
import socket
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

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
