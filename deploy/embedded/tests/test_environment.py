"""`make env`: says how far it is, and mends what was left half built."""

import os
import runpy
import select
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from cchc_embedded.paths import REPOSITORY
from tests.support.waiting import until_now

SCRIPT = REPOSITORY / "deploy" / "embedded" / "environment.py"


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock without packages: what is fetched is not what these tests are about."""
    file = tmp_path / "dev.lock"
    file.write_text("")
    return file


@dataclass(frozen=True)
class Built:
    """An environment that `make env` built, and what it said meanwhile. To build one takes seconds, a copy does not."""

    folder: Path
    said: str

    def copy(self, to: Path) -> None:
        """It works there too, whatever stood there before."""
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(self.folder, to, symlinks=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    place = tmp_path_factory.mktemp("built")
    (place / "dev.lock").write_text("")
    made = build(place / ".venv", place / "dev.lock")
    assert made.returncode == 0, made.stderr
    return Built(place / ".venv", made.stdout)


def build(folder: Path, lock: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, SCRIPT, folder, lock], capture_output=True, text=True, check=False)


def works(folder: Path) -> bool:
    asked = [str(folder / "bin" / "python"), "-c", "import pip, sys; sys.exit(sys.version_info < (3, 11))"]
    return subprocess.run(asked, check=False).returncode == 0


def test_it_is_built_once_and_says_how_far_it_is(built: Built, lock: Path) -> None:
    assert "Python environment" in built.said
    assert "done" in built.said
    assert works(built.folder)
    assert not (built.folder / ".building").exists()
    again = build(built.folder, lock)
    assert again.returncode == 0, again.stderr
    assert "Python environment" not in again.stdout, "what is whole is kept"


@pytest.mark.parametrize("left", ["without its interpreter", "of an old Python", "half built"])
def test_what_is_not_whole_is_made_anew(
    built: Built,
    tmp_path: Path,
    lock: Path,
    left: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One that Ctrl-C left is made anew by `make` itself below; here a copy stands for what takes long."""
    script = runpy.run_path(str(SCRIPT))
    monkeypatch.setitem(script["build"].__globals__, "_make", built.copy)
    folder = tmp_path / ".venv"
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    if left == "without its interpreter":
        python.symlink_to(tmp_path / "gone")
    elif left == "of an old Python":
        python.write_text("#!/bin/sh\nexit 1\n")
        python.chmod(0o755)
    else:
        built.copy(folder)
        (folder / ".building").touch()
    script["build"](folder, lock, [], script["Progress"]())
    assert "Python environment" in capsys.readouterr().out
    assert works(folder)
    assert not (folder / ".building").exists()


def test_what_pip_refuses_is_told(built: Built, tmp_path: Path, lock: Path) -> None:
    folder = tmp_path / ".venv"
    built.copy(folder)
    lock.write_text("./no-such-file.whl\n")  # pip refuses it without asking anyone
    result = build(folder, lock)
    assert result.returncode == 1
    assert "the environment cannot be built" in result.stderr
    assert "no-such-file.whl" in result.stderr
    assert "Traceback" not in result.stderr
    assert (folder / ".building").exists(), "the next time it begins anew"


def test_uv_is_told_what_pip_is_configured_with() -> None:
    listed = """global.index-url='https://packages.example/simple'
global.find-links='/wheels\\nhttps://wheels.example'
:env:.extra-index-url='https://one.example https://two.example'
:env:.disable-pip-version-check='1'
install.cert='/etc/ours.pem'
"""
    assert runpy.run_path(str(SCRIPT))["as_uv_says"](listed) == {
        "UV_DEFAULT_INDEX": "https://packages.example/simple",
        "UV_FIND_LINKS": "/wheels,https://wheels.example",
        "UV_INDEX": "https://one.example https://two.example",
        "SSL_CERT_FILE": "/etc/ours.pem",
    }


def test_uv_is_taken_out_of_the_lock_with_its_hashes_and_nothing_else() -> None:
    found = runpy.run_path(str(SCRIPT))["_UV"].search((REPOSITORY / "dev.lock").read_text("utf-8"))
    assert found is not None
    version, *hashes = found[0].splitlines()
    assert version.startswith("uv==")
    assert hashes
    assert all(line.startswith("    --hash=sha256:") for line in hashes)


class Silent:
    """A server of packages that takes connections and never answers: a build that lasts until it is stopped."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.requirement = (
            f"slow @ http://127.0.0.1:{self._server.getsockname()[1]}/slow-1-py3-none-any.whl"
            f" --hash=sha256:{'0' * 64}\n"
        )

    def asked(self) -> bool:
        return bool(select.select([self._server], [], [], 0)[0])

    def close(self) -> None:
        self._server.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    server = Silent()
    yield server
    server.close()


def project(folder: Path, lock: str) -> None:
    """What `make env` reads, with this lock and nothing of ours."""
    (folder / "Makefile").write_bytes((REPOSITORY / "Makefile").read_bytes())
    (folder / "dev.lock").write_text(lock)
    (folder / "distributions.txt").write_text("")
    (folder / "deploy" / "embedded").mkdir(parents=True)
    (folder / "deploy" / "embedded" / SCRIPT.name).write_bytes(SCRIPT.read_bytes())


def _begun(seen: tuple[bool, str, int | None]) -> bool:
    begun, _, ended = seen
    return begun or ended is not None


@pytest.mark.parametrize("moment", ["while the environment is made", "while packages are fetched"])
def test_ctrl_c_leaves_no_traceback_and_the_next_make_heals_it(
    built: Built, tmp_path: Path, silent: Silent, moment: str
) -> None:
    project(tmp_path, silent.requirement)
    screen, venv = tmp_path / "screen.log", tmp_path / ".venv"
    if moment == "while packages are fetched":
        built.copy(venv)
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_NO_CACHE_DIR": "1"}
    command = ["make", f"PYTHON={sys.executable}", "env"]
    with screen.open("wb") as output:
        making = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            # As at a terminal: what a shell starts in the background, this test too, ignores it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
        )
    try:
        if moment == "while packages are fetched":
            until_now(lambda: (silent.asked(), screen.read_text(), making.poll()), _begun)
        else:
            until_now(lambda: (venv.exists(), screen.read_text(), making.poll()), _begun)
        assert making.poll() is None, screen.read_text()
        os.killpg(making.pid, signal.SIGINT)
        assert making.wait() != 0
    finally:
        with suppress(ProcessLookupError):
            os.killpg(making.pid, signal.SIGKILL)
    said = screen.read_text()
    assert "the next time it begins anew" in said
    assert not [word for word in ("Traceback", "KeyboardInterrupt") if word in said], said

    if moment == "while packages are fetched":
        heals(tmp_path, command, environment)


def heals(folder: Path, command: list[str], environment: dict[str, str]) -> None:
    """What was left is built anew, and then it is whole."""
    (folder / "dev.lock").write_text("")
    healed = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert healed.returncode == 0, healed.stdout + healed.stderr
    assert "Python environment" in healed.stdout, "it is built anew"
    assert works(folder / ".venv")
    again = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    assert "building the environment" not in again.stdout


def test_the_newcomer_of_the_checks_has_fetched_nothing_before() -> None:
    script = (REPOSITORY / ".ci" / "newcomer").read_text("utf-8")
    before, _, _ = script.partition("make env")
    for name in ("HOME", "XDG_CACHE_HOME", "PIP_CACHE_DIR", "UV_CACHE_DIR"):
        assert f"{name}=$home" in before, f"{name} is the machine's, and may hold what others fetched"


def test_an_interpreter_named_by_hand_is_checked_too(tmp_path: Path) -> None:
    old = tmp_path / "python3.10"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    project(tmp_path, "")
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
