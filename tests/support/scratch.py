"""Where tests keep what is thrown away: in memory where the machine lets them, on its disk otherwise.

Every test has a database of its own, which is a thousand small files: a disk spends more on them than all tests on
their work.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import pytest

_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - folders are made in it by `mkdtemp`, as in any temporary folder
_ENOUGH: Final = 6 * 2**30
"""Bytes. Containers often have 64 MiB there."""
_ROOT: Final = "PYTEST_DEBUG_TEMPROOT"
"""Where pytest makes `tmp_path`, by its own documentation; whoever has set it is obeyed."""


def scratch() -> Path:
    """A folder for temporary folders."""
    if named := os.environ.get(_ROOT):
        return Path(named)
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ENOUGH:
        return _MEMORY
    return Path(tempfile.gettempdir())


@contextmanager
def opened() -> Iterator[Path]:
    """A folder that a server's own account may reach. One that dies may still write while it is removed."""
    with tempfile.TemporaryDirectory(prefix="cchc-test-", dir=scratch(), ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    """For whole systems and servers."""
    with opened() as made:
        yield made


def pytest_configure(config: pytest.Config) -> None:
    """`tmp_path` is there too, below a folder of this session: pytest closes the one that all sessions share whenever
    another begins, and then no server's own account reaches its data any more."""
    if _ROOT not in os.environ:  # workers inherit it; who sets it keeps what failed
        root = os.environ[_ROOT] = tempfile.mkdtemp(prefix="cchc-pytest-", dir=scratch())
        config.add_cleanup(partial(shutil.rmtree, root, ignore_errors=True))
