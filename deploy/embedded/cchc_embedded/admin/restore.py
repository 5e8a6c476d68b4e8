"""`make restore FROM=…`: a backup becomes the data of a system that does not run.

    python -m cchc_embedded.admin.restore FOLDER [--over] [--lose-contacts]

All of it takes effect, or nothing. Roles and rights are made anew, the migrations that a backup lacks are applied, and
what speaks of the transactions of the former server is put right.
"""

import argparse
import asyncio
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import mkdtemp

import asyncpg

from cchc_embedded.admin import repair
from cchc_embedded.admin.attached import ATTACHMENTS, folder_of
from cchc_embedded.admin.backup import ARCHIVE, DUMP
from cchc_embedded.admin.clients import program, without_password
from cchc_embedded.admin.manifest import BackupManifest, contact_key_ids
from cchc_embedded.admin.place import Refused, alone, exit_code_of, installation, passwords, running
from cchc_embedded.installation import DATABASE, Installation
from cchc_embedded.locks import AlreadyRunningError
from cchc_embedded.migrate import HISTORIES, revisions
from cchc_embedded.paths import data_folder
from cchc_embedded.postgres import PostgresServer
from cchc_embedded.prepare import prepare_database
from cchc_embedded.provision import OWNERS, SCHEMAS, create_database, provision


def main() -> int:
    """Says what was restored, and where the former data lie."""
    parser = argparse.ArgumentParser(prog="make restore")
    parser.add_argument("source", metavar="FROM=FOLDER", type=Path)
    parser.add_argument("--over", action="store_true", help="take the place of the data that are there")
    parser.add_argument("--lose-contacts", action="store_true", help="go on although their key is not here")
    wanted = parser.parse_args()
    return exit_code_of(lambda: restore(wanted.source, over=wanted.over, lose_contacts=wanted.lose_contacts))


def restore(source: Path, *, over: bool, lose_contacts: bool = False) -> None:
    """Check the backup, then let it take the place of what is there. Raises `Refused`."""
    manifest = BackupManifest.read(source)
    _check_migrations(manifest)
    _check_key(manifest, lose_contacts=lose_contacts)
    here = installation()
    if (source / ATTACHMENTS).exists() and folder_of(here) is None:
        raise Refused(
            f"tệp đính kèm ở S3 · the backup holds attached files, and ATTACHMENTS_URL names no folder: copy "
            f"{source / ATTACHMENTS} to the S3, and take it out of the backup"
        )
    if here.given_database is None:
        _restore_embedded(here, source, manifest, over=over)
    elif manifest.kind == "base":
        raise Refused(
            "KIND=base là tệp của máy chủ · a base backup holds a server's files: restore a dump, or unpack it as the "
            "data folder of a server of your own"
        )
    else:
        _restore_given(here, source, over=over)
    print(f"Đã khôi phục · restored: {manifest.kind}, {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, {here.database_place}")
    if manifest.kafka:
        print("Kafka: hãy xoá các chủ đề cchc.* trước khi chạy; relay nạp lại từ cơ sở dữ liệu.")
        print("With Kafka, delete the topics cchc.* before the next start: the relay fills them from the database.")
        print("  KAFKA_BOOTSTRAP_SERVERS=… make topics ANEW=yes")
        print("  docker compose run --rm prepare python -m cchc_embedded.topics --anew yes")


def _check_migrations(manifest: BackupManifest) -> None:
    for schema, revision in manifest.migrations.items():
        if schema not in HISTORIES or revision not in revisions(schema):
            raise Refused(
                f"bản sao lưu của phiên bản mới hơn · the backup is of version {manifest.version}, which is newer than "
                f"this one: {schema} {revision}"
            )


def _check_key(manifest: BackupManifest, *, lose_contacts: bool) -> None:
    secrets = data_folder() / "secrets.json"
    if not lose_contacts and manifest.contact_key not in {None, *contact_key_ids(secrets)}:
        raise Refused(
            f"thiếu khoá liên hệ · the contacts in this backup were sealed with another key. Put the secrets.json that "
            f"was kept apart at {secrets} (or name the key in CCHC_CONTACT_KEY), or give the contacts up: CONTACTS=lost"
        )


def _restore_embedded(here: Installation, source: Path, manifest: BackupManifest, *, over: bool) -> None:
    """Into a new server, which takes the place of the former one once it is complete."""
    if manifest.kind == "base" and manifest.database != DATABASE:
        raise Refused(f"máy chủ khác · the base backup is of another server: its database is {manifest.database}")
    place = here.postgres.folder
    try:
        with alone(here.folder):
            if place.exists() and not over:
                raise Refused(f"đã có dữ liệu · there are data in {place}: OVER=yes")
            draft = Path(mkdtemp(prefix=".restore-", dir=here.folder))
            try:
                server = replace(here.postgres, folder=draft / "postgres")
                if manifest.kind == "base":
                    _unpack(source, server)
                with running(server, here.folder / "logs" / "postgres.log"):
                    _fill(here, server, source, manifest)
                with _files(here, source):
                    _put(server.folder, place)
            finally:
                shutil.rmtree(draft, ignore_errors=True)
    except AlreadyRunningError as error:
        raise Refused(f"hệ thống đang chạy · the system runs on {here.folder}: stop it first") from error


def _fill(here: Installation, server: PostgresServer, source: Path, manifest: BackupManifest) -> None:
    url = server.url(DATABASE)
    if manifest.kind == "dump":
        asyncio.run(create_database(server.url(), DATABASE))
        asyncio.run(provision(url, passwords(here)))
        _load(url, source / DUMP)
    prepare_database(url, passwords(here))
    asyncio.run(_finish(url))


@contextmanager
def _files(here: Installation, source: Path) -> Iterator[None]:
    """Brings what the backup holds beside the database: archived months, and files of reports."""
    with _folder(source / ARCHIVE, here.archive), _folder(source / ATTACHMENTS, folder_of(here)):
        yield


@contextmanager
def _folder(kept: Path, place: Path | None) -> Iterator[None]:
    """Brings a folder of the backup, if it has it; at the end it takes the place of that of another history."""
    if place is None or not kept.exists():
        yield
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(mkdtemp(prefix=".restore-", dir=place.parent))
    try:
        shutil.copytree(kept, draft / place.name)
        yield
        _put(draft / place.name, place)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _put(made: Path, place: Path) -> None:
    """The folder takes that place; what stood there is put aside under a name that nothing has."""
    if place.exists():
        former = place.with_name(f"{place.name}-before-{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}")
        place.rename(former)
        print(f"Dữ liệu cũ · the former data: {former}")
    made.rename(place)


def _restore_given(here: Installation, source: Path, *, over: bool) -> None:
    asyncio.run(_check_given(here.admin_url, over=over))
    asyncio.run(provision(here.admin_url, passwords(here)))
    with _files(here, source):
        _load(here.admin_url, source / DUMP)
    prepare_database(here.admin_url, passwords(here))
    asyncio.run(_finish(here.admin_url))


async def _check_given(url: str, *, over: bool) -> None:
    connection = await asyncpg.connect(url)
    try:
        roles = list(OWNERS.values())
        using = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = ANY($1)"
        if await connection.fetchval(using, roles):
            raise Refused("hệ thống đang chạy · services are connected to this database: stop them first")
        filled = "SELECT count(*) FROM pg_tables WHERE schemaname = ANY($1)"
        if not over and await connection.fetchval(filled, list(SCHEMAS)):
            raise Refused("đã có dữ liệu · there are data in this database: OVER=yes, after a backup of them")
    finally:
        await connection.close()


def _load(url: str, dump: Path) -> None:
    """The rows of the dump in the place of what is there, in one transaction. The roles must be there."""
    address, environment = without_password(url)
    options = ["--no-psqlrc", "--quiet", "--no-password", "--single-transaction", "--set=ON_ERROR_STOP=1"]
    command = [program("psql"), *options, "--output=/dev/null", f"--dbname={address}", f"--command={repair.EMPTY}"]
    psql = subprocess.Popen(
        [*command, "--file=-"], env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        reading = [program("pg_restore"), "--file=-", str(dump)]
        read = subprocess.run(reading, stdout=psql.stdin, stderr=subprocess.PIPE, text=True, check=False)
        if read.returncode:  # psql must never see the end of it: it would commit what came
            psql.kill()
            _, said = psql.communicate()
            raise subprocess.CalledProcessError(read.returncode, reading, stderr=said or read.stderr)
        _, said = psql.communicate(repair.OF_ANOTHER_SERVER)
    finally:
        psql.kill()
    if psql.returncode:
        raise subprocess.CalledProcessError(psql.returncode, command, stderr=said)


async def _finish(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(repair.KAFKA)
        await connection.execute(repair.FOLLOWED_LISTS)
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


def _unpack(source: Path, server: PostgresServer) -> None:
    """The files of a server, and the administrator's password of this installation."""
    account = server.account()
    server.folder.mkdir(mode=0o700)
    for archive, folder in (("base.tar.gz", server.folder), ("pg_wal.tar.gz", server.folder / "pg_wal")):
        with tarfile.open(source / archive) as files:
            files.extractall(folder, filter="data")
    if account:
        for item in (server.folder, *server.folder.rglob("*")):
            os.chown(item, account.uid, account.gid)
    server.folder.chmod(0o700)
    server.initialise()
    _set_password(server)


def _set_password(server: PostgresServer) -> None:
    account = server.account()
    quoted = server.password.replace("'", "''")
    subprocess.run(
        [program("postgres"), "--single", "-D", str(server.folder), DATABASE],
        input=f"ALTER ROLE postgres PASSWORD '{quoted}';\n",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
        cwd=server.folder,
        check=True,
        capture_output=True,
        text=True,
    )


if __name__ == "__main__":
    sys.exit(main())
