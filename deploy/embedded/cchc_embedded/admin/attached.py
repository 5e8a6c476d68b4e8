"""Files of reports, tasks and documents, as a backup holds them. An S3 has versions and copies of its own."""

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
_OF_REPORTS: Final = """
    SELECT code || '/' || encode(sha256, 'hex') FROM feedback.feedback_attachment WHERE scan <> 'infected'
    UNION SELECT code || '/' || encode(thumbnail_sha256, 'hex') FROM feedback.feedback_attachment
          WHERE thumbnail_sha256 IS NOT NULL
    UNION SELECT unnest(parts) FROM feedback.feedback_upload WHERE attachment IS NULL"""
_OF_TASKS: Final = """
    SELECT code || '/' || encode(sha256, 'hex') FROM tasks.task_evidence
    WHERE sha256 IS NOT NULL AND removed_at IS NULL"""
_OF_DOCUMENTS: Final = """
    SELECT code || '/' || encode(sha256, 'hex') FROM tasks.document_files WHERE removed_at IS NULL
    UNION SELECT code || '/' || encode(thumbnail_sha256, 'hex') FROM tasks.document_files
          WHERE thumbnail_sha256 IS NOT NULL AND removed_at IS NULL"""
_KEYS: Final = (
    ("feedback.feedback_upload", _OF_REPORTS),
    ("tasks.task_evidence", _OF_TASKS),
    ("tasks.document_files", _OF_DOCUMENTS),
)
"""By a table that is there since."""


def folder_of(here: Installation) -> Path | None:
    """Where this installation keeps them; None for an S3."""
    address = urlsplit(here.attachments)
    return Path(unquote(address.path)) if address.scheme == "file" else None


async def known(connection: "asyncpg.Connection[asyncpg.Record]") -> list[str]:
    """Every file that the database refers to; one of an earlier version has no such table."""
    found = []
    for table, keys in _KEYS:
        if await connection.fetchval("SELECT to_regclass($1)", table) is not None:
            found += [row[0] for row in await connection.fetch(keys)]
    return found


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
