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
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import asyncpg

from cchc_embedded.admin.clients import program, without_password
from cchc_embedded.admin.manifest import Kind, Manifest, contact_key_id, digest, own_version
from cchc_embedded.admin.place import Refused, installation, opened, told
from cchc_embedded.migrate import HISTORIES
from cchc_embedded.paths import data_folder
from cchc_embedded.provision import OWNERS, SCHEMAS

DUMP = "database.dump"
ARCHIVE = "archive"
"""The months of events that have left the database, or may have."""
REBUILT = sorted(SCHEMAS.keys() - OWNERS.keys())
"""The schemas in which effects are rebuilt: each rebuild begins by emptying its own."""


def main() -> int:
    """The folder of the new backup is the last line."""
    parser = argparse.ArgumentParser(prog="make backup")
    parser.add_argument("--to", type=Path, help="the folder in which the backup gets a folder of its own")
    parser.add_argument("--kind", choices=("dump", "base"), default="dump")
    wanted = parser.parse_args()
    return told(lambda: show(backup(wanted.to or data_folder() / "backups", wanted.kind)))


def backup(to: Path, kind: Kind) -> Path:
    """Make a backup in a new folder below `to`: the whole of it, or nothing."""
    key = contact_key_id(data_folder() / "secrets.json")
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
            (_dump if kind == "dump" else _base)(url, draft)
        _copy_archive(here.archive, draft / ARCHIVE)
        files = [file for file in sorted(draft.rglob("*")) if file.is_file()]
        _flush(files)
        Manifest(
            kind=kind,
            taken_at=taken_at,
            version=own_version(),
            contact_key=key,
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


def _dump(url: str, folder: Path) -> None:
    without = [f"--exclude-schema={schema}" for schema in REBUILT]
    _run("pg_dump", url, "--format=custom", f"--file={folder / DUMP}", *without)


def _base(url: str, folder: Path) -> None:
    _run("pg_basebackup", url, "--format=tar", "--gzip", "--checkpoint=fast", f"--pgdata={folder}")


def _run(name: str, url: str, *options: str) -> None:
    address, environment = without_password(url)
    command = [program(name), f"--dbname={address}", "--no-password", *options]
    subprocess.run(command, env=environment, check=True, stderr=subprocess.PIPE, text=True)


def _copy_archive(archive: Path, to: Path) -> None:
    """After the database: a month that leaves it meanwhile is in both, and none is in neither."""
    if archive.exists():
        shutil.copytree(archive, to, ignore=shutil.ignore_patterns("*.part"))


def _flush(files: Iterable[Path]) -> None:
    """To the disk, before the manifest says that it is there."""
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
