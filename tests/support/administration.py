"""The operator's commands, as `make` runs them, on a data folder."""

import os
import subprocess
import sys
from pathlib import Path

FOREIGN = {"DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "JWKS_URL"}


def environment(folder: Path, **given: str) -> dict[str, str]:
    """Of somebody who has set nothing but where the data are, and what is given."""
    own = {name: value for name, value in os.environ.items() if name not in FOREIGN and not name.startswith("CCHC_")}
    return own | {"CCHC_DATA_DIR": str(folder)} | given


def operate(
    folder: Path, verb: str, *arguments: str, typed: str = "", **given: str
) -> subprocess.CompletedProcess[str]:
    """Runs `cchc_embedded.admin.<verb>` to its end, whatever comes of it."""
    return subprocess.run(
        [sys.executable, "-m", f"cchc_embedded.admin.{verb}", *arguments],
        env=environment(folder, **given),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def done(folder: Path, verb: str, *arguments: str, typed: str = "", **given: str) -> list[str]:
    """The lines that it said; it must have succeeded."""
    result = operate(folder, verb, *arguments, typed=typed, **given)
    assert result.returncode == 0, f"{verb}: {result.returncode}\n{result.stdout}\n{result.stderr}"
    return result.stdout.splitlines()


def refused(folder: Path, verb: str, *arguments: str, **given: str) -> str:
    """The line in which it said why not; it must have ended with 1 and no traceback."""
    result = operate(folder, verb, *arguments, **given)
    assert (result.returncode, result.stdout) == (1, ""), f"{result.returncode}\n{result.stdout}\n{result.stderr}"
    [line] = result.stderr.splitlines()
    return line
