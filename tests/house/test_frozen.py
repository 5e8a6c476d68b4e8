"""What was shipped is frozen: a migration, and what migrations call, is never another one than it was.

`frozen.txt` holds the SHA-256 of each file, as `sha256sum` writes it. A new file is added there by the command that the
failure names; a line that stands there is not changed.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from tests.house.sources import REPOSITORY, SERVICES, SHARED, shown

LIST = Path(__file__).with_name("frozen.txt")
ADD = (
    "Shipped files are never edited: write a new migration. To add a new file: sha256sum FILE >> tests/house/frozen.txt"
)


def shipped() -> list[Path]:
    """Every migration of every service, and every module of tables that several services have."""
    migrations = SERVICES.glob("*/migrations/versions/*.py")
    return sorted([*migrations, *(SHARED / "cchc_shared/storage/ddl").rglob("*.py")])


def digests(files: Iterable[Path]) -> dict[str, str]:
    """SHA-256 by path."""
    return {shown(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def listed(text: str) -> dict[str, str]:
    """SHA-256 by path, of the lines of the list."""
    return {path: digest for digest, path in (line.split() for line in text.splitlines())}


def faults(found: dict[str, str], known: dict[str, str]) -> list[str]:
    """What is not as it was, by path."""
    changed = [f"{path} was changed" for path, digest in found.items() if known.get(path, digest) != digest]
    unlisted = [f"{path} is not listed" for path in found.keys() - known.keys()]
    gone = [f"{path} is gone" for path in known.keys() - found.keys()]
    return sorted([*changed, *unlisted, *gone])


def test_what_was_shipped_is_as_it_was() -> None:
    assert faults(digests(shipped()), listed(LIST.read_text("utf-8"))) == [], ADD


def test_no_path_is_listed_twice() -> None:
    paths = [line.split()[1] for line in LIST.read_text("utf-8").splitlines()]
    assert len(paths) == len(set(paths)) == len(shipped()) > 0
    assert all((REPOSITORY / path).is_file() for path in paths)


def test_a_change_a_new_file_and_a_lost_one_are_seen() -> None:
    known = {"changed.py": "1", "lost.py": "2", "kept.py": "3"}
    found = {"changed.py": "9", "new.py": "4", "kept.py": "3"}
    assert faults(found, known) == ["changed.py was changed", "lost.py is gone", "new.py is not listed"]
