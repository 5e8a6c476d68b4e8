"""Files that are attached to reports, as a backup holds them. Those in an S3 have the versions and copies of that."""

import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg

from cchc_embedded.installation import Installation

ATTACHMENTS: Final = "attachments"
_KEYS: Final = """
    SELECT code || '/' || encode(sha256, 'hex') FROM feedback.feedback_attachment WHERE scan <> 'infected'
    UNION SELECT code || '/' || encode(thumbnail_sha256, 'hex') FROM feedback.feedback_attachment
          WHERE thumbnail_sha256 IS NOT NULL
    UNION SELECT unnest(parts) FROM feedback.feedback_upload WHERE attachment IS NULL"""


def folder_of(here: Installation) -> Path | None:
    """Where this installation keeps them; None for an S3."""
    address = urlsplit(here.attachments)
    return Path(unquote(address.path)) if address.scheme == "file" else None


async def known(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Every file that the database refers to; one of before 0.2.0 refers to none."""
    if await connection.fetchval("SELECT to_regclass('feedback.feedback_upload')") is None:
        return []
    return [row[0] for row in await connection.fetch(_KEYS)]


def copy(folder: Path, keys: Collection[str], to: Path, earlier: Path | None) -> list[str]:
    """Copy these files; returns those that are not there.

    A file never changes: it is named by its content. What an earlier backup on the same disk holds is linked to it, so
    that a night costs what is new.
    """
    lacking = []
    for key in sorted(keys):
        made = to / key
        made.parent.mkdir(parents=True, exist_ok=True)
        if earlier is not None and (earlier / key).is_file():
            with suppress(OSError):  # a disk without links, or another one
                os.link(earlier / key, made)
                continue
        try:
            shutil.copy2(folder / key, made)
        except FileNotFoundError:
            lacking.append(key)
    return lacking


def newest_before(to: Path) -> Path | None:
    """The attachments of the newest backup in that folder, if one has some. Names begin with the time."""
    return max(to.glob(f"[0-9]*/{ATTACHMENTS}"), default=None)
