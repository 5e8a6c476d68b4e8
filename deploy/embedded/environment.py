"""Builds `.venv` from the lock file, for `make env`, and says how far it is.

    python deploy/embedded/environment.py .venv dev.lock ./shared ./services/…

It uses the standard library alone, because nothing else is there yet. An environment that was left half built, that has
lost its interpreter, or whose Python is too old, is built anew.

pip installs uv out of the lock, and uv the rest, with half of the work and on all cores. It is told what pip is
configured with; where it cannot do with that what pip can, pip does the rest too.
"""

import ast
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

OLDEST = (3, 11)
_PINNED = re.compile(r"^[A-Za-z0-9][\w.-]*==", re.MULTILINE)
_HEALTHY = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
SHOW_EVERY = 20
_UV = re.compile(r"^uv==[^\\\n]*(?:\\\n[^\\\n]*)*", re.MULTILINE)
_OF_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}
"""What an option of pip is called by uv."""


class BuildError(Exception):
    """Why the environment cannot be built, for whoever typed `make`."""


class Progress:
    """Lines with the seconds since the beginning; on a terminal, counts stay on one line."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._open = False

    def say(self, what: str) -> None:
        """One line."""
        self._end()
        print(f"{self._time()}  {what}", flush=True)

    def count(self, what: str, done: int, total: int) -> None:
        """How many of how many."""
        if sys.stdout.isatty():
            print(f"\r{self._time()}  {what} {done}/{total}", end="", flush=True)
            self._open = True
        elif done % SHOW_EVERY == 0 or done == total:
            print(f"{self._time()}  {what} {done}/{total}", flush=True)

    def _time(self) -> str:
        return f"  {time.monotonic() - self._began:5.0f} s"

    def _end(self) -> None:
        if self._open:
            print(flush=True)
            self._open = False


def build(folder: Path, lock: Path, distributions: Sequence[str], progress: Progress) -> None:
    """Raises `BuildError`. What was fetched before is taken from pip's cache."""
    marker = folder / ".building"
    python = folder / "bin" / "python"
    if marker.exists() or not _is_healthy(python):
        progress.say(f"Môi trường Python · Python environment: {folder}")
        _make(folder)
    marker.touch()
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-deps"]
    locked = lock.read_text(encoding="utf-8")
    if not _install_fast(python, pip, lock, _UV.search(locked), progress):
        total = len(_PINNED.findall(locked))
        _install([*pip, "--require-hashes", "-r", str(lock)], "Gói · packages", total, progress)
    progress.say("Mã nguồn của hệ thống · the system's own packages")
    editable = [option for each in distributions for option in ("--editable", each)]
    if editable:
        _install([*pip, "--no-build-isolation", *editable], "", 0, progress)
    marker.unlink()
    progress.say("Xong · done")


def _is_healthy(python: Path) -> bool:
    try:
        return subprocess.run([python, "-c", _HEALTHY], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _make(folder: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        said = (made.stdout + made.stderr).strip()
        raise BuildError(f"python -m venv: {said}")


def _install_fast(python: Path, pip: Sequence[str], lock: Path, uv: re.Match[str] | None, progress: Progress) -> bool:
    """Whether uv has installed the lock. What it says of a failure is not told: pip meets the same one and tells it."""
    if uv is None:
        return False
    progress.say("Gói · packages")
    with tempfile.TemporaryDirectory() as folder:
        alone = Path(folder) / "uv.lock"
        alone.write_text(uv[0], encoding="utf-8")
        _install([*pip, "--require-hashes", "-r", str(alone)], "", 0, progress)
    listed = subprocess.run([*pip[:3], "config", "list"], capture_output=True, text=True, check=False).stdout
    command = [str(python.with_name("uv")), "pip", "install", "--quiet", "--python", str(python), "--no-deps"]
    done = subprocess.run(
        [*command, "--compile-bytecode", "--require-hashes", "-r", str(lock)],
        env={**as_uv_says(listed), **os.environ},
        capture_output=True,
        check=False,
    )
    return done.returncode == 0


def as_uv_says(listed: str) -> Mapping[str, str]:
    """What `pip config list` shows, `global.index-url='https://…'` a line, as variables of uv's environment."""
    told: dict[str, str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        if (variable := _OF_PIP.get(name.rpartition(".")[2])) is not None:
            between = "," if variable == "UV_FIND_LINKS" else " "
            told[variable] = between.join(str(ast.literal_eval(value)).split())
    return told


def _install(command: list[str], what: str, total: int, progress: Progress) -> None:
    said: list[str] = []
    seen = 0
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        for line in process.stdout:
            said.append(line.rstrip())
            if total and line.startswith(("Collecting ", "Requirement already satisfied", "Ignoring ")):
                seen += 1
                progress.count(what, min(seen, total), total)
            elif total and line.startswith("Installing collected packages"):
                progress.say("Cài đặt · installing")
    if process.returncode:
        errors = [line for line in said if "error" in line.lower()] or said
        raise BuildError("pip: " + "\n".join(errors[-5:]))


def main() -> int:
    """0, 1 when it cannot be built, 130 when it was interrupted."""
    folder, lock, *distributions = sys.argv[1:]
    print("Dựng môi trường, khoảng một phút trong lần đầu · building the environment, about a minute at first")
    try:
        build(Path(folder), Path(lock), distributions, Progress())
    except BuildError as error:
        print(f"\nKhông dựng được môi trường · the environment cannot be built:\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nĐã dừng; lần sau làm lại từ đầu · stopped; the next time it begins anew", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
