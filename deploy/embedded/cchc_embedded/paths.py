"""Paths on this machine."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]

SHARED_CACHE = REPOSITORY / ".data" / "cache"
"""What is fetched once and serves every run of this working copy."""


def data_folder() -> Path:
    """`CCHC_DATA_DIR`: where one embedded installation lives."""
    return Path(os.environ.get("CCHC_DATA_DIR") or REPOSITORY / ".data").resolve()
