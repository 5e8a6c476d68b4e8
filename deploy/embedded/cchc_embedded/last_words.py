"""What a process wrote at its end: the line of its log that says why, or the lines on settings that cannot work."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

LONGEST = 300
TAIL = 64 * 1024
_POSTGRES = re.compile(r"\b(?:FATAL|PANIC|ERROR|initdb: error):\s+.*")
_SETTING = re.compile(r"^(?:[A-Z][A-Z0-9_]*(?:=.*?)?|Cấu hình không dùng được · settings cannot work): .+")
"""As every process tells of its settings: a name in capitals, and what is wrong."""
_ERROR = re.compile(r"^[\w.]*(?:Error|Exception|Exit|Interrupt)\b.*")


def size(log: Path) -> int:
    """Bytes in it; 0 if it is not there."""
    return log.stat().st_size if log.exists() else 0


def last_words(log: Path, since: int = 0) -> str:
    """What says most after `since` bytes: settings, PostgreSQL's last complaint, a last exception, the last line."""
    if size(log) <= since:
        return ""
    with log.open("rb") as handle:
        handle.seek(max(since, size(log) - TAIL))
        return most_telling(handle.read().decode(errors="replace").splitlines())


def most_telling(said: Sequence[str]) -> str:
    """Of the lines that a process wrote."""
    lines = [line.strip() for line in said if line.strip()]
    if settings := [line[:LONGEST] for line in lines if _SETTING.match(line) and not _POSTGRES.match(line)]:
        return "\n    ".join(settings)
    for telling in (_POSTGRES, _ERROR):
        for line in reversed(lines):
            if found := telling.search(line):
                return found[0][:LONGEST]
    return _sentence(lines[-1])[:LONGEST] if lines else ""


def _sentence(line: str) -> str:
    """A structured line by its event and its error."""
    try:
        document = json.loads(line)
    except ValueError:
        return line
    return ": ".join(str(document[name]) for name in ("event", "error") if name in document) or line
