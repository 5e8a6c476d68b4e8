"""A lock between processes; the kernel releases it when its holder dies."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunningError(Exception):
    """Another live process holds the folder."""


@contextmanager
def exclusive(lock: Path, *, wait: bool = True) -> Iterator[None]:
    """One process at a time. Without `wait`, raises `AlreadyRunningError` when another is inside."""
    with lock.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise AlreadyRunningError(lock) from error
        yield
