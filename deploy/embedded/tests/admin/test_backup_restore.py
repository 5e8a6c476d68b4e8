"""A backup of either kind, restored to another server, gives every score to the digit, and life goes on from there."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg
import pytest
from PIL import Image

from cchc_embedded.admin.manifest import FILE, BackupManifest
from cchc_embedded.admin.place import running
from cchc_embedded.installation import DATABASE
from cchc_embedded.ports import free_port
from cchc_embedded.postgres import PostgresServer
from cchc_embedded.provision import OWNERS, PRODUCERS, create_database, url_for
from cchc_shared.storage.database import create_engine
from cchc_shared.stream import months, trimming
from tests.support.administration import done, refused
from tests.support.http import Client, Clients, clients
from tests.support.installed import Installed
from tests.support.scratch import opened
from tests.support.system import System
from tests.support.waiting import until_now

KINDS = ("dump", "base")
HOUR = timedelta(hours=1)
UNIT = "so-xay-dung"
REPORT = {"channel": "ihanoi", "kind": "on_site", "content": "Vỉa hè hỏng", "unit": UNIT}
MINUTES = {"kind": "meeting", "dated_on": "2024-05-31", "sender": "Văn phòng", "subject": "Kết luận giao ban"}
ENDS = ("", "/thumbnail")
CONTACT = {"name": "Nguyễn Văn A", "phone": "+84912345678"}
YEAR = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).strftime("%Y")
PERIODS = ("2024", "2024-Q2", YEAR)
MODEST = "modest"
"""An administrator of the database, and not of the server: a role and its password."""
SPENT = 5000
"""Transactions on the source: its positions are ahead of what any new server has reached."""

LAG = """
    SELECT count(*) FROM (SELECT 'tasks' AS topic, partition, xid, seq FROM tasks.outbox_feed
                          UNION ALL SELECT 'feedback', partition, xid, seq FROM feedback.outbox_feed) e
    JOIN scoring.stream_position p USING (topic, partition)
    WHERE (e.xid, e.seq) > (greatest(p.major, 0)::text::xid8, p.minor)"""
SCORES = "SELECT to_jsonb(s) - 'computed_at' FROM scoring.score s ORDER BY 1"
HELD = """
    SELECT (SELECT count(*) FROM scoring.parked_event) + (SELECT count(*) FROM feedback.parked_event)
         + (SELECT count(*) FROM scoring.stream_version WHERE blocked IS NOT NULL)"""


def query(url: str, statement: str, *arguments: object) -> list[Any]:
    """The first column of every row."""

    async def run() -> list[Any]:
        connection = await asyncpg.connect(url)
        try:
            return [row[0] for row in await connection.fetch(statement, *arguments)]
        finally:
            await connection.close()

    return asyncio.run(run())


def stored(url: str) -> list[Any]:
    """Every score in the database, but for when it was computed."""
    return [json.loads(row) for row in query(url, SCORES)]


def everything(system: System) -> dict[str, Any]:
    """What must be the same after a restore: every stored score, and what the API says."""
    with clients(system) as callers:
        office = callers.as_office()
        return {
            "stored": stored(system.admin_url),
            "shown": {period: office.get("/v1/scores", set="CCHC-CITY", period=period) for period in PERIODS},
            "statistics": office.get("/v1/statistics/feedback", group_by="month,channel")["rows"],
            "tasks": office.pages("/v1/tasks"),
            "reports": office.pages("/v1/feedback"),
            "files": [office.send("GET", path).content for path in attached(office)],
        }


def attached(office: Client) -> list[str]:
    """Paths of every attachment, piece of evidence and file of a document, and of thumbnails."""
    codes = [report["code"] for report in office.pages("/v1/feedback")]
    items = [(code, each) for code in codes for each in office.get(f"/v1/feedback/{code}/attachments")["items"]]
    paths = [f"/v1/feedback/{code}/attachments/{each['id']}{end}" for code, each in items for end in ENDS]
    for task in office.pages("/v1/tasks"):
        evidence = f"/v1/tasks/{task['code']}/evidence"
        paths += [f"{evidence}/{each['id']}" for each in office.get(evidence)["items"]]
    for document in office.pages("/v1/documents"):
        files = f"/v1/documents/{document['code']}/files"
        paths += [f"{files}/{each['id']}{end}" for each in document["files"] for end in ENDS]
    return paths


def caught_up(system: System) -> None:
    """Waits until every event has taken effect."""
    until_now(lambda: query(system.admin_url, LAG)[0], lambda behind: behind == 0)


def picture_of(side: int) -> bytes:
    file = BytesIO()
    Image.new("RGB", (side, side), "red").save(file, "PNG")
    return file.getvalue()


def work(callers: Clients) -> str:
    """Reports and a task in every state that counts; the code of one that only waits to be accepted."""
    citizen, office, head = callers.as_citizen(), callers.as_office(), callers.as_head(UNIT)
    for last in range(1, 5):
        path = f"/v1/feedback/{citizen.create('/v1/feedback', REPORT)['code']}"
        steps: list[tuple[Client, str, dict[str, str]]] = [
            (office, "assign", {}),
            (head, "accept", {}),
            (head, "draft_answer", {"answer": "Đã sửa", "outcome": "resolved"}),
            (head, "approve_answer", {}),
        ]
        for caller, action, body in steps[:last]:
            caller.act(path, action, body)
    task = {"title": "Báo cáo", "lead_unit": UNIT, "due_text": f"Trong năm {YEAR}", "product": "Báo cáo"}
    path = f"/v1/tasks/{office.create('/v1/tasks', task | {'source': 'Giao ban'})['code']}"
    head.act(path, "start")
    waiting = citizen.create("/v1/feedback", REPORT | {"reporter": CONTACT})["code"]
    office.act(f"/v1/feedback/{waiting}", "assign", {})
    for side in (30, 40):
        picture = {"file": ("x.png", picture_of(side))}
        assert office.send("POST", f"/v1/feedback/{waiting}/attachments", files=picture).status_code == 201
    assert head.send("POST", f"{path}/evidence", files={"file": ("x.png", picture_of(50))}).status_code == 201
    document = f"/v1/documents/{office.create('/v1/documents', MINUTES)['code']}"
    assert office.send("POST", f"{document}/files", files={"file": ("x.png", picture_of(60))}).status_code == 201
    return str(waiting)


@dataclass(frozen=True)
class Source:
    """A system that was backed up, and what it said at that moment."""

    folder: Path
    backups: dict[str, Path]
    said: dict[str, Any]
    waiting: str
    refusals: list[str]
    """Why none of them may be restored over it while it runs."""


@pytest.fixture(scope="module")
def source(installed: Installed) -> Iterator[Source]:
    """Backed up in both ways while it ran. It runs no more: nobody asks it anything, and idle it would slow others."""
    with opened() as folder:
        with installed(folder / "data") as system:
            with clients(system) as callers:
                waiting = work(callers)
            asyncio.run(_spend(system.admin_url))
            with clients(system) as callers:
                work(callers)
            caught_up(system)
            for topic in PRODUCERS:
                until_now(partial(end_month, system, topic, system.folder / "archive"), lambda month: month is not None)
            with clients(system) as callers:
                work(callers)
            caught_up(system)
            backups = {
                kind: Path(done(system.folder, "backup", "--to", str(folder / "kept"), "--kind", kind)[-1])
                for kind in KINDS
            }
            said = everything(system)
            refusals = [refused(system.folder, "restore", str(backup), "--over") for backup in backups.values()]
        yield Source(system.folder, backups, said, waiting, refusals)


def end_month(system: System, topic: str, archive: Path) -> date | None:
    """One step on the way of the present month into the archive; the month, once it has left the database."""
    return asyncio.run(_end_month(system, topic, archive))


async def _end_month(system: System, topic: str, folder: Path) -> date | None:
    now = datetime.now(UTC)
    secrets = json.loads((system.folder / "secrets.json").read_text())
    engine = create_engine(url_for(system.admin_url, OWNERS[topic], secrets[OWNERS[topic]]), pool_size=1)
    try:
        async with engine.begin() as conn:
            for day in (now, now + timedelta(days=40)):
                await months.turn(conn, day.date().replace(day=1), now)
        await trimming.archive_some(engine, folder, topic, now)
        return await trimming.trim(engine, folder, topic, now + HOUR, kept=timedelta(), relayed=False)
    finally:
        await engine.dispose()


async def _spend(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for _ in range(SPENT):
            await connection.execute("SELECT pg_current_xact_id()")
    finally:
        await connection.close()


@pytest.fixture
def elsewhere(source: Source, folder: Path) -> Path:
    """Another data folder, to which the secrets were brought that were kept apart."""
    (folder / "elsewhere").mkdir()
    shutil.copy(source.folder / "secrets.json", folder / "elsewhere")
    return folder / "elsewhere"


@pytest.mark.parametrize("kind", KINDS)
def test_every_score_is_the_same_on_another_server_and_new_events_count(
    source: Source, elsewhere: Path, kind: str
) -> None:
    done(elsewhere, "restore", str(source.backups[kind]))
    with System(elsewhere) as restored, clients(restored) as callers:
        caught_up(restored)
        assert everything(restored) == source.said
        assert len(source.said["files"]) == 21
        assert query(restored.admin_url, HELD) == [0]

        head, path = callers.as_head(UNIT), f"/v1/feedback/{source.waiting}"
        assert head.get(f"{path}/reporter")["phone"] == CONTACT["phone"]
        head.act(path, "accept")
        received = callers.as_citizen().create("/v1/feedback", REPORT)
        both = {source.waiting, received["code"]}
        applied = "SELECT count(*) FROM scoring.stream_version WHERE (aggregate, version) IN (($1, 3), ($2, 1))"
        names = [f"feedback:{code}" for code in (source.waiting, received["code"])]
        until_now(lambda: query(restored.admin_url, applied, *names)[0], lambda found: found == len(both))
        assert query(restored.admin_url, HELD) == [0]
        # The log is the archive and then the outbox: what had left the database came along.
        assert query(restored.admin_url, "SELECT sum(events) FROM tasks.outbox_trimmed")[0] > 0
        assert done(elsewhere, "rebuild")[-1] == "rebuilt and live rows are the same"


def test_a_dump_is_restored_to_a_server_that_an_address_names(source: Source, elsewhere: Path, folder: Path) -> None:
    dump, base = (str(source.backups[kind]) for kind in KINDS)
    server = PostgresServer(folder / "server" / "postgres", free_port(), "of another/server")
    with running(server, folder / "server" / "log"):
        asyncio.run(create_database(server.url(), DATABASE))
        query(server.url(), f"CREATE ROLE {MODEST} LOGIN CREATEROLE PASSWORD '{MODEST}'")
        query(server.url(), f"ALTER DATABASE {DATABASE} OWNER TO {MODEST}")
        url = url_for(server.url(DATABASE), MODEST, MODEST)
        done(elsewhere, "restore", dump, DATABASE_URL=url)
        assert stored(url) == source.said["stored"]
        assert "OVER=yes" in refused(elsewhere, "restore", dump, DATABASE_URL=url)
        assert "base backup" in refused(elsewhere, "restore", base, "--over", DATABASE_URL=url)
        assert "pg_restore" in refused(elsewhere, "restore", str(broken(source, folder)), "--over", DATABASE_URL=url)
        assert stored(url) == source.said["stored"]
        query(url, "DELETE FROM scoring.score")
        query(url, "CREATE TABLE public.note AS SELECT 'of somebody else' AS words")
        with_note = done(elsewhere, "backup", "--to", str(folder / "noted"), DATABASE_URL=url)[-1]
        done(elsewhere, "restore", with_note, "--over", DATABASE_URL=url)
        assert query(url, "SELECT words FROM public.note") == ["of somebody else"]
        done(elsewhere, "restore", dump, "--over", DATABASE_URL=url)
        assert stored(url) == source.said["stored"]

        secrets = json.loads((elsewhere / "secrets.json").read_text())
        for schema, role in OWNERS.items():  # each role enters with its password, and owns what is its own
            query(url_for(url, role, secrets[role]), f"SELECT count(*) FROM {schema}.alembic_version")
        own = done(elsewhere, "psql", "--service", "scoring", typed="SELECT current_user\n", DATABASE_URL=url)
        assert "scoring_worker" in "".join(own)
        again = done(elsewhere, "backup", "--to", str(folder / "again"), DATABASE_URL=url)[-1]
        assert BackupManifest.read(Path(again)).migrations == BackupManifest.read(source.backups["dump"]).migrations

        # Who knows the address, and no secret: the archive must be named.
        assert "ARCHIVE_DIR" in refused(folder / "stranger", "backup", DATABASE_URL=url)
        archive = str(elsewhere / "archive")
        made = done(folder / "stranger", "backup", DATABASE_URL=url, ARCHIVE_DIR=archive)[-1]
        assert BackupManifest.read(Path(made)).contact_key is None
        assert "CCHC_PASSWORD_" in refused(
            folder / "stranger", "restore", dump, "--over", "--lose-contacts", DATABASE_URL=url
        )
        assert not (folder / "stranger" / "secrets.json").exists()

        said = asyncio.run(_refused_while_connected(url_for(url, "relay", secrets["relay"]), elsewhere, dump))
        assert "services are connected" in said


async def _refused_while_connected(url: str, folder: Path, dump: str) -> str:
    admin = url_for(url, MODEST, MODEST)
    connection = await asyncpg.connect(url)
    try:
        return await asyncio.to_thread(lambda: refused(folder, "restore", dump, "--over", DATABASE_URL=admin))
    finally:
        await connection.close()


def test_a_restore_never_meets_a_running_system(source: Source) -> None:
    assert len(source.refusals) == len(KINDS)
    assert all("stop it first" in refusal for refusal in source.refusals)


def test_data_that_are_there_stay_unless_asked_and_even_then_are_set_aside(source: Source, elsewhere: Path) -> None:
    dump, base = (str(source.backups[kind]) for kind in KINDS)
    done(elsewhere, "restore", base)
    assert done(elsewhere, "rebuild")[-1] == "rebuilt and live rows are the same"
    assert done(elsewhere, "rotate")[0] == "sealed again: 0"
    made = Path(done(elsewhere, "backup")[-1])  # of a system that does not run
    assert (made.parent, BackupManifest.read(made).kind) == (elsewhere / "backups", "dump")

    assert "OVER=yes" in refused(elsewhere, "restore", dump)
    assert sorted(elsewhere.glob("postgres*")) == [elsewhere / "postgres"]
    done(elsewhere, "psql", typed="UPDATE scoring.score SET total = -1")
    done(elsewhere, "restore", base, "--over")
    assert len(list(elsewhere.glob("postgres-before-*"))) == 1
    found = done(elsewhere, "psql", typed="\\t\nSELECT 'changed: ' || count(*) FROM scoring.score WHERE total = -1")
    assert "changed: 0" in "".join(found)

    (elsewhere / "secrets.json").write_text(json.dumps({"contact_key": "A" * 43 + "="}))
    assert "another key" in refused(elsewhere, "restore", base)
    assert "OVER=yes" in refused(elsewhere, "restore", base, "--lose-contacts")


def broken(source: Source, folder: Path) -> Path:
    """A dump that breaks off, and says nothing of it."""
    found = folder / "broken"
    shutil.copytree(source.backups["dump"], found)
    dump = found / "database.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size * 9 // 10])
    BackupManifest.read(source.backups["dump"]).model_copy(update={"files": {}}).write(found)
    return found


def test_a_dump_that_breaks_off_leaves_nothing_behind(source: Source, elsewhere: Path, folder: Path) -> None:
    assert "pg_restore" in refused(elsewhere, "restore", str(broken(source, folder)))
    assert not list(elsewhere.glob("*postgres*"))
    assert not list(elsewhere.glob(".restore-*"))


def test_a_backup_that_is_not_what_was_written_is_refused(source: Source, elsewhere: Path, folder: Path) -> None:
    other = folder / "other"
    shutil.copytree(source.backups["dump"], other)
    manifest = BackupManifest.read(other)
    manifest.model_copy(update={"migrations": {**manifest.migrations, "tasks": "9999"}}).write(other)
    assert "newer" in refused(elsewhere, "restore", str(other))
    manifest.write(other)
    with (other / "database.dump").open("ab") as dump:
        dump.write(b"one more")
    assert "not what was written" in refused(elsewhere, "restore", str(other))
    (other / FILE).write_text('{"format": 2}')
    assert "format" in refused(elsewhere, "restore", str(other))
    assert "no backup" in refused(elsewhere, "restore", str(folder))


def test_contacts_are_not_lost_by_mistake(source: Source, folder: Path) -> None:
    for known in ("{}", json.dumps({"contact_key": "A" * 43 + "="})):
        (folder / "secrets.json").write_text(known)
        assert "another key" in refused(folder, "restore", str(source.backups["dump"]))
        assert (folder / "secrets.json").read_text() == known


def test_a_backup_holds_no_secret_and_only_its_owner_may_read_it(source: Source) -> None:
    secrets = json.loads((source.folder / "secrets.json").read_text()).values()
    for backup in source.backups.values():
        assert backup.stat().st_mode & 0o077 == 0
        files = [str(file.relative_to(backup)) for file in backup.rglob("*") if file.is_file()]
        assert sorted(files) == sorted([FILE, *BackupManifest.read(backup).files])
        assert not [secret for secret in secrets if secret in (backup / FILE).read_text()]


def test_a_run_that_has_ended_is_backed_up_with_the_archive_it_was_given_or_not_at_all(
    folder: Path, installed: Installed
) -> None:
    archive = folder / "big"
    with installed(folder / "data", ARCHIVE_DIR=str(archive)) as system:
        month = until_now(partial(end_month, system, "tasks", archive), lambda trimmed: trimmed is not None)
    (archive / "tasks" / "1999-01.jsonl.gz").write_bytes(b"of another system")
    made = Path(done(system.folder, "backup")[-1])
    kept = {name for name in BackupManifest.read(made).files if name.startswith("archive/")}
    assert kept == {f"archive/tasks/{month:%Y-%m}.{kind}" for kind in ("jsonl.gz", "json")}
    another = folder / "another" / "tasks" / f"{month:%Y-%m}.jsonl.gz"
    assert str(another) in refused(system.folder, "backup", ARCHIVE_DIR=str(folder / "another"))
    another.parent.mkdir(parents=True)
    another.write_bytes(b"of another system")
    assert str(another) in refused(system.folder, "backup", ARCHIVE_DIR=str(folder / "another"))
    assert list((system.folder / "backups").iterdir()) == [made]


def test_where_there_is_nothing_a_command_says_so(folder: Path) -> None:
    for verb in ("backup", "psql", "rebuild"):
        assert "make run" in refused(folder, verb)
