"""Secrets of one embedded installation: made once, kept in its data folder for its owner's eyes only."""

import base64
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def keep(file: Path, names: Iterable[str]) -> dict[str, str]:
    """The secret of every name, 32 random bytes in base64; those that `file` lacks are made and added."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = {name: base64.b64encode(secrets.token_bytes(32)).decode() for name in names if name not in known}
    if missing:
        known |= missing
        write_private(file, json.dumps(known, indent=2).encode())
    return known


def write_private(file: Path, content: bytes) -> None:
    """Writes the whole file or nothing, readable by its owner alone."""
    draft = file.with_suffix(".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
