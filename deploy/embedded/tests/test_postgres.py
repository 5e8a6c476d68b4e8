"""The server from the wheel: what was committed survives a kill, and any capable admin can provision it."""

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from cchc_embedded.ports import free_port
from cchc_embedded.postgres import PostgresServer, wait_ready
from cchc_embedded.prepare import prepare_database
from cchc_embedded.processes import spawn
from cchc_embedded.provision import OWNERS, create_database, url_for
from tests.support.databases import execute

PASSWORDS = dict.fromkeys(OWNERS.values(), "pass/word+=")


class Running:
    """A server of this test alone, with everything flushed to disk as in earnest."""

    def __init__(self, folder: Path) -> None:
        self.server = PostgresServer(folder / "postgres", free_port(), "secret/+=")
        self.output = (folder / "log").open("ab")
        self.start()

    def start(self) -> None:
        self.server.initialise()
        self._spawn()
        end = time.monotonic() + 60
        while not self.server.is_ready(self.process.pid):
            assert time.monotonic() < end
            # The children of a killed server may outlive it for a moment, and a new one does not start beside them.
            if self.process.poll() is not None:
                self._spawn()
            time.sleep(0.05)
        asyncio.run(wait_ready(self.server.url()))

    def _spawn(self) -> None:
        self.process = spawn(
            self.server.command(),
            environment=os.environ,
            output=self.output,
            stop_signal=signal.SIGINT,
            account=self.server.account(),
            folder=self.server.folder,
        )

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=30)
        finally:
            self.output.close()


@pytest.fixture
def running(folder: Path) -> Iterator[Running]:
    server = Running(folder)
    yield server
    if not server.output.closed:
        server.stop()


def test_what_was_committed_survives_a_kill(running: Running) -> None:
    url = running.server.url()
    execute(url, "CREATE TABLE kept (id integer)", "INSERT INTO kept VALUES (1)")
    running.process.kill()
    running.process.wait()
    assert not running.server.is_ready(running.process.pid + 1)
    running.start()
    execute(url, "INSERT INTO kept VALUES (2)")
    assert running.stop() == 0


def test_a_lock_file_whose_number_belongs_to_another_program_is_no_hindrance(running: Running) -> None:
    running.process.kill()
    running.process.wait()
    lock = running.server.folder / "postmaster.pid"
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        lock.write_text(lock.read_text().replace(str(running.process.pid), str(stranger.pid), 1))
        running.start()
    finally:
        stranger.kill()
        stranger.wait()


def test_no_one_enters_without_the_password(running: Running) -> None:
    wrong = url_for(running.server.url(), "postgres", "guessed")
    with pytest.raises(asyncpg.InvalidPasswordError):
        execute(wrong, "SELECT 1")


def test_an_admin_without_superuser_rights_is_enough(running: Running) -> None:
    asyncio.run(create_database(running.server.url(), "city"))
    execute(
        running.server.url(),
        "CREATE ROLE modest LOGIN CREATEROLE PASSWORD 'modest'",
        "ALTER DATABASE city OWNER TO modest",
    )
    admin = url_for(running.server.url("city"), "modest", "modest")
    prepare_database(admin, PASSWORDS)
    prepare_database(admin, PASSWORDS)
    for schema, role in OWNERS.items():
        execute(url_for(admin, role, PASSWORDS[role]), f"SELECT * FROM {schema}.alembic_version")
