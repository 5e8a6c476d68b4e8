"""`make run`, as somebody types it who tries the system for the first time."""

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import psutil

from cchc_embedded.paths import REPOSITORY
from cchc_embedded.ports import free_ports


class Run:
    """`make run` in a process group of its own, as a terminal starts it; no file grows beyond `largest` bytes."""

    def __init__(self, folder: Path, largest: int | None = None, /, **settings: str) -> None:
        gateway, operators = free_ports(2)
        given = {"CCHC_DATA_DIR": str(folder / "data"), "CCHC_PORT": str(gateway), "CCHC_OPS_PORT": str(operators)}
        self._log = folder / "screen.log"
        command = ["make", "run"]
        if largest is not None:
            command = ["prlimit", f"--fsize={largest}", *command]
        with self._log.open("wb") as screen:
            self.process = subprocess.Popen(
                command,
                cwd=REPOSITORY,
                env={**os.environ, **(given | settings)},
                stdout=screen,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *_: object) -> None:
        for process in [*self.family(), self.process]:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def screen(self) -> str:
        return self._log.read_text(errors="replace")

    def interrupt(self) -> None:
        """Ctrl-C: every process of the group is told."""
        os.killpg(self.process.pid, signal.SIGINT)

    def family(self) -> list[psutil.Process]:
        try:
            found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return found
