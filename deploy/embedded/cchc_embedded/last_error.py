"""Finds in the log of a process why it ended: its last error, or its complaints about settings."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

LONGEST = 300
TAIL = 64 * 1024
_POSTGRES = re.compile(r"\b(?:FATAL|PANIC|ERROR|initdb: error):\s+(?!\s|the database system is ).*")
"""What went wrong in PostgreSQL itself; a client that it sent away while it starts, recovers or stops is no cause."""
_SETTING = re.compile(r"^(?:[A-Z][A-Z0-9_]*(?:=.*?)?|Cấu hình không dùng được · settings cannot work): .+")
"""How every process complains about a setting: a name in capitals, and what is wrong."""
_ERROR = re.compile(r"^[\w.]*(?:Error|Exception|Exit|Interrupt)\b.*")


def size(log: Path) -> int:
    """Size of the log in bytes; 0 if it does not exist."""
    return log.stat().st_size if log.exists() else 0


def last_error(log: Path, since: int = 0) -> str:
    """The most useful text after `since` bytes: settings, then PostgreSQL's error, an exception, the last line."""
    if size(log) <= since:
        return ""
    with log.open("rb") as handle:
        handle.seek(max(since, size(log) - TAIL))
        return most_telling(handle.read().decode(errors="replace").splitlines())


def most_telling(said: Sequence[str]) -> str:
    """The most useful of these lines, in the same order of preference."""
    lines = [line.strip() for line in said if line.strip()]
    if settings := [line[:LONGEST] for line in lines if _SETTING.match(line) and not _POSTGRES.match(line)]:
        return "\n    ".join(settings)
    for telling in (_POSTGRES, _ERROR):
        for line in reversed(lines):
            if found := telling.search(line):
                return found[0][:LONGEST]
    return _sentence(lines[-1])[:LONGEST] if lines else ""


def _sentence(line: str) -> str:
    """The event and error of a structured line; any other line as it is."""
    try:
        document = json.loads(line)
    except ValueError:
        return line
    return ": ".join(str(document[name]) for name in ("event", "error") if name in document) or line
