"""Stores the settings of a run beside its pid files, so that an operator's commands need no settings."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from cchc_embedded.credentials import write_private

NAMES = (
    "DATABASE_URL",
    "KAFKA_BOOTSTRAP_SERVERS",
    "CCHC_PORT",
    "CCHC_PROFILE",
    "CCHC_INDEX_SETS",
    "CCHC_CLOCK_SHIFT",
    "ARCHIVE_DIR",
    "ATTACHMENTS_DIR",
    "ATTACHMENTS_URL",
)


def remember(folder: Path) -> None:
    """Keep what this process was given, for the run on that data folder."""
    content = {name: os.environ[name] for name in NAMES if os.environ.get(name)}
    write_private(_file(folder), json.dumps(content, indent=2).encode())


def recall(folder: Path) -> Mapping[str, str]:
    """What the last run on that data folder was given."""
    file = _file(folder)
    found: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    return found


def _file(folder: Path) -> Path:
    return folder / "run" / "given.json"
