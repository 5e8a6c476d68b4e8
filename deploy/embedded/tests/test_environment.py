"""`make env`: says how far it is, and mends what was left half built."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cchc_embedded.paths import REPOSITORY

SCRIPT = REPOSITORY / "deploy" / "embedded" / "environment.py"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock without packages: what is fetched is not what these tests are about."""
    file = tmp_path / "dev.lock"
    file.write_text("")
    return file


def build(folder: Path, lock: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, SCRIPT, folder, lock], capture_output=True, text=True, check=False)


def works(folder: Path) -> bool:
    asked = [str(folder / "bin" / "python"), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(asked, check=False).returncode == 0


def test_it_is_built_once_and_says_how_far_it_is(tmp_path: Path, lock: Path) -> None:
    first = build(tmp_path / ".venv", lock)
    assert first.returncode == 0, first.stderr
    assert "Python environment" in first.stdout
    assert "done" in first.stdout
    assert works(tmp_path / ".venv")
    assert not (tmp_path / ".venv" / ".building").exists()
    again = build(tmp_path / ".venv", lock)
    assert "Python environment" not in again.stdout, "what is whole is kept"


@pytest.mark.parametrize("left", ["half built", "without its interpreter", "of an old Python"])
def test_what_is_not_whole_is_built_anew(tmp_path: Path, lock: Path, left: str) -> None:
    folder = tmp_path / ".venv"
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    if left == "without its interpreter":
        python.symlink_to(tmp_path / "gone")
    elif left == "of an old Python":
        python.write_text("#!/bin/sh\nexit 1\n")
        python.chmod(0o755)
    else:
        python.symlink_to(sys.executable)
        (folder / ".building").touch()
        (folder / "lib").mkdir()
    result = build(folder, lock)
    assert result.returncode == 0, result.stderr
    assert "Python environment" in result.stdout
    assert works(folder)


def test_what_pip_refuses_is_told(tmp_path: Path, lock: Path) -> None:
    folder = tmp_path / ".venv"
    lock.write_text("./no-such-file.whl\n")  # pip refuses it without asking anyone
    result = build(folder, lock)
    assert result.returncode == 1
    assert "the environment cannot be built" in result.stderr
    assert "no-such-file.whl" in result.stderr
    assert "Traceback" not in result.stderr
    assert (folder / ".building").exists(), "the next time it begins anew"


def test_an_interpreter_named_by_hand_is_checked_too(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for name in ("Makefile", "dev.lock", "distributions.txt"):
        (tmp_path / name).write_bytes((REPOSITORY / name).read_bytes())
    (tmp_path / "distributions.txt").write_text("")
    for python in (str(old), str(tmp_path / "missing")):
        result = subprocess.run(
            ["make", f"PYTHON={python}", "env"],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 2
        assert f"Python 3.11 or newer is needed; {python} is not" in result.stdout
        assert not (tmp_path / ".venv").exists()
