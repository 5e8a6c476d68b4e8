"""`make backup`: all data in a new folder, while the system runs or not.

    python -m cchc_embedded.admin.backup [--to FOLDER] [--kind dump|base]

A *dump* holds the rows and may be restored to any server of the same or a later version. A *base* backup holds the
server's files; it is faster for much data, and goes to an embedded system only.
Both are a consistent moment: no transaction is in them in part.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import asyncpg

from cchc_embedded.admin import attached
from cchc_embedded.admin.clients import program, without_password
from cchc_embedded.admin.manifest import BackupManifest, Kind, contact_key_ids, digest, own_version
from cchc_embedded.admin.place import Refused, exit_code_of, installation, opened
from cchc_embedded.installation import Installation
from cchc_embedded.migrate import HISTORIES
from cchc_embedded.paths import data_folder
from cchc_embedded.provision import OWNERS, PRODUCERS

DUMP = "database.dump"
ARCHIVE = "archive"
"""The months of events that have left the database, or may have."""


def main() -> int:
    """The folder of the new backup is the last line."""
    parser = argparse.ArgumentParser(prog="make backup")
    parser.add_argument("--to", type=Path, help="the folder in which the backup gets a folder of its own")
    parser.add_argument("--kind", choices=("dump", "base"), default="dump")
    wanted = parser.parse_args()
    return exit_code_of(lambda: show(backup(wanted.to or data_folder() / "backups", wanted.kind)))


def backup(to: Path, kind: Kind) -> Path:
    """Make a backup in a new folder below `to`: the whole of it, or nothing."""
    keys = contact_key_ids(data_folder() / "secrets.json")
    here = installation()
    taken_at = datetime.now(UTC)
    name = f"{taken_at:%Y%m%dT%H%M%SZ}-{kind}"
    if (to / name).exists():
        raise Refused(f"đã có · {to / name} is there already")
    to.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=f".{name}-", dir=to))  # for its owner alone: reports of citizens are in it
    try:
        with opened(here) as url:
            described = asyncio.run(_described(url))
            referred_to = asyncio.run((_dump if kind == "dump" else _base)(url, draft))
            # After the database: a month that leaves it meanwhile is in both, and none is in neither.
            _copy_archive(here.archive, asyncio.run(_archived(url)), draft / ARCHIVE)
            _copy_attached(here, url, referred_to, to, draft)
        files = [file for file in sorted(draft.rglob("*")) if file.is_file()]
        _flush(files)
        BackupManifest(
            kind=kind,
            taken_at=taken_at,
            version=own_version(),
            contact_key=keys[0] if keys else None,
            files={str(file.relative_to(draft)): digest(file) for file in files},
            **described,
        ).write(draft)
        draft.rename(to / name)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return to / name


def show(folder: Path) -> None:
    """Say what is in it, and what is not."""
    print("Khoá niêm phong liên hệ KHÔNG nằm trong bản sao lưu: hãy giữ riêng secrets.json (CCHC_CONTACT_KEY).")
    print("The key that seals contacts is NOT in the backup: keep secrets.json (CCHC_CONTACT_KEY) apart from it.")
    print(f"make restore FROM={folder}")
    print(folder)


async def _described(url: str) -> dict[str, Any]:
    connection = await asyncpg.connect(url)
    try:
        return {
            "postgres": await connection.fetchval("SHOW server_version"),
            "database": await connection.fetchval("SELECT current_database()"),
            "migrations": {
                schema: await connection.fetchval(f"SELECT version_num FROM {schema}.alembic_version")
                for schema in HISTORIES
            },
            "kafka": await connection.fetchval("SELECT EXISTS (SELECT FROM relay.stream_position)"),
        }
    except asyncpg.UndefinedTableError as error:
        raise Refused("chưa có dữ liệu · there is no system in this database: make run") from error
    finally:
        await connection.close()


class _Month(NamedTuple):
    """A month in the archive: the checksum of its file, and whether its events have left the database."""

    topic: str
    month: date
    sha256: str
    trimmed: bool


async def _archived(url: str) -> list[_Month]:
    """What the database knows of the archive. One of 0.1.0 knows of none."""
    connection = await asyncpg.connect(url)
    try:
        return [
            _Month(topic, *row)
            for topic in PRODUCERS
            if await connection.fetchval("SELECT to_regclass($1)", f"{topic}.outbox_month")
            for row in await connection.fetch(
                f"""SELECT month, sha256, trimmed_at IS NOT NULL FROM {topic}.outbox_month
                    WHERE archived_at IS NOT NULL ORDER BY month"""
            )
        ]
    finally:
        await connection.close()


def _copy_archive(folder: Path, months: Sequence[_Month], to: Path) -> None:
    """The months of this database, by their checksums: another system's files may stand in the folder.

    Raises `Refused` without a month that only the archive holds: nothing could be rebuilt from such a backup.
    """
    from cchc_shared.stream.archive import Archive  # brings SQLAlchemy, which no other command of a backup loads

    lacking = []
    for topic, month, sha256, trimmed in months:
        archive, copy = Archive(folder, topic), Archive(to, topic)
        file = archive.file(month)
        if file.is_file() and digest(file).sha256 == sha256:
            copy.file(month).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy.file(month))
            shutil.copy2(archive.description(month), copy.description(month))
        elif trimmed:
            lacking.append(str(file))
    if lacking:
        raise Refused(
            "thiếu tệp lưu trữ · these months have left the database, and their files are not in the archive "
            f"(ARCHIVE_DIR), or not as they were written: {', '.join(lacking)}"
        )


def _copy_attached(here: Installation, url: str, keys: Sequence[str], to: Path, draft: Path) -> None:
    """The files that the saved rows refer to, after the database.

    A file is stored before the row that refers to it, so each of them was there when the rows were saved. One that is
    gone by now was erased meanwhile, which a backup has no right to undo; one that a row still refers to is lost.
    """
    folder = attached.folder_of(here)
    if folder is None:
        print("Tệp đính kèm ở S3 không nằm trong bản sao lưu · files in S3 are not in the backup: copy them there.")
        return
    lacking = attached.copy(folder, keys, draft / attached.ATTACHMENTS, attached.newest_before(to))
    if lacking and (lost := set(lacking).intersection(asyncio.run(_attached_now(url)))):
        print(f"Thiếu {len(lost)} tệp đính kèm · {len(lost)} attached files are not in {folder}, as {min(lost)}")


async def _attached_now(url: str) -> list[str]:
    connection = await asyncpg.connect(url)
    try:
        return await attached.known(connection)
    finally:
        await connection.close()


async def _dump(url: str, folder: Path) -> list[str]:
    """Our schemas alone, as a restore replaces no others: what is foreign in the database stays as it is.

    Returns the attached files that the dump refers to: of the same snapshot, so that a restore brings none without row.
    """
    ours = [f"--schema={schema}" for schema in OWNERS]
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
            keys = await attached.known(connection)
            options = [f"--snapshot={snapshot}", "--format=custom", f"--file={folder / DUMP}", *ours]
            await asyncio.to_thread(_run, "pg_dump", url, *options)
    finally:
        await connection.close()
    return keys


async def _base(url: str, folder: Path) -> list[str]:
    """It holds the moment of its end: the rows of now refer to every attached file of it, and to hardly one more."""
    options = ["--format=tar", "--gzip", "--checkpoint=fast", f"--pgdata={folder}"]
    await asyncio.to_thread(_run, "pg_basebackup", url, *options)
    return await _attached_now(url)


def _run(name: str, url: str, *options: str) -> None:
    address, environment = without_password(url)
    command = [program(name), f"--dbname={address}", "--no-password", *options]
    subprocess.run(command, env=environment, check=True, stderr=subprocess.PIPE, text=True)


def _flush(files: Iterable[Path]) -> None:
    """To the disk, before the manifest says that it is there."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
