"""Secrets of one installation: made once, kept in a file that only its owner can read."""

import base64
import json
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def random_key() -> str:
    """32 random bytes in base64."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


def keep(file: Path, names: Iterable[str]) -> dict[str, str]:
    """The secret of every name, a `random_key` each; those that `file` lacks are made and added."""
    known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    missing = {name: random_key() for name in names if name not in known}
    if missing:
        known |= missing
        write_private(file, json.dumps(known, indent=2).encode())
    return known


def make_signing_key(file: Path) -> None:
    """An Ed25519 key (PEM) that signs development tokens, unless there is one."""
    if not file.exists():
        write_private(
            file,
            Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )


def write_private(file: Path, content: bytes) -> None:
    """Writes the whole file or nothing, readable by its owner alone."""
    draft = file.with_name(f"{file.name}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.replace(file)
