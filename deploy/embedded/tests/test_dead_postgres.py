"""A PostgreSQL that cannot run: the cause stands on the screen, in its own words."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.disk import SmallDisk
from tests.support.first_hour import Run
from tests.support.installed import Installed
from tests.support.waiting import until_now

MEGABYTE = 1024 * 1024
LIMITED = ["no larger files", *(["full disk"] if SmallDisk.available() else [])]
"""What a full disk is to PostgreSQL. A disk that can be filled wants the right to mount; a limit of files does not."""
CAUSES = {"no larger files": "File too large", "full disk": "No space left on device"}


@pytest.fixture
def data(folder: Path, installed: Installed) -> Path:
    """A data folder with PostgreSQL's files, on which nothing runs."""
    assert installed(folder / "data").folder == folder / "data"
    return folder / "data" / "postgres"


def shown(run: Run, cause: str) -> str:
    """What is on the screen once that is there. The start may have failed before the server has ended."""
    return until_now(run.screen, lambda text: cause in text and ("postgres: exit" in text or "cannot start" in text))


@contextmanager
def without_room(postgres: Path, how: str) -> Iterator[int | None]:
    """PostgreSQL's files where nothing more can be written; the bound of a file for processes, if that is the way."""
    if how == "no larger files":
        yield MEGABYTE
        return
    kept = postgres.rename(postgres.with_name("kept"))
    with SmallDisk(postgres) as disk:
        subprocess.run(["cp", "-a", f"{kept}/.", str(postgres)], check=True)
        disk.fill()
        yield None


@pytest.mark.parametrize("how", LIMITED)
def test_where_nothing_can_be_written_the_cause_is_on_the_screen(data: Path, folder: Path, how: str) -> None:
    with ExitStack() as stack:
        largest = stack.enter_context(without_room(data, how))
        run = stack.enter_context(Run(folder, largest))
        text = shown(run, CAUSES[how])
    assert "Traceback" not in text
    ended = "postgres: exit" if "postgres: exit" in text else "cannot start"
    (line, words, *_) = text[text.index(ended) :].splitlines()
    assert "/logs/" in line
    assert CAUSES[how] in words, "under the line that says that it ended"


def test_a_first_start_without_room_says_why_and_ends(folder: Path) -> None:
    with Run(folder, MEGABYTE) as run:
        assert run.process.wait() != 0
        text = run.screen()
    assert "cannot start: initdb: " in text
    assert CAUSES["no larger files"] in text
    assert "Traceback" not in text
    assert list((folder / "data").glob("*postgres*")) == []


@pytest.mark.parametrize(
    ("what", "mode", "cause"),
    [
        ("global/pg_control", 0o000, "Permission denied"),
        (".", 0o755, "has invalid permissions"),
    ],
)
def test_without_rights_the_cause_is_on_the_screen(data: Path, folder: Path, what: str, mode: int, cause: str) -> None:
    before = (data / what).stat().st_mode
    (data / what).chmod(mode)
    try:
        with Run(folder) as run:
            text = shown(run, cause)
    finally:
        (data / what).chmod(before)
    assert "Traceback" not in text
