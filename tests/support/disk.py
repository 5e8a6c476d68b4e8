"""A small disk that a test can fill: a file system in memory, which only root may mount."""

import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

SIZE = 768 * 1024 * 1024
BLOCK = 1024 * 1024


class SmallDisk:
    """A file system of `SIZE` bytes on `folder`, which it makes; mounted while it is entered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    @staticmethod
    def available() -> bool:
        """Whether this machine lets us mount one."""
        trial = ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]  # in a namespace that ends with it
        return (
            shutil.which("unshare") is not None
            and not subprocess.run(trial, capture_output=True, check=False).returncode
        )

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", str(self.folder)],
            check=True,
            capture_output=True,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True, capture_output=True)

    def fill(self) -> None:
        """Nothing more can be written, not a byte."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (BLOCK, 4096):
                try:
                    while True:
                        filler.write(b"\0" * size)
                except OSError:
                    continue

    def free(self) -> None:
        """There is room again."""
        self._filler.unlink(missing_ok=True)
