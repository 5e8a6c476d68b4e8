"""The PostgreSQL and the Kafka of one test session, shared by all its workers.

Under `-n` the controlling process starts both before its workers; without it the first fixture that wants one
starts it. `CCHC_TEST_DATABASE_URL` (an admin's address) and `CCHC_TEST_KAFKA` name servers that run already.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from cchc_embedded.ports import free_port
from cchc_embedded.postgres import PostgresServer, wait_ready
from cchc_embedded.processes import Account, spawn
from tests.support.scratch import scratch
from tests.support.unit import units_only
from tests.support.waiting import LIMIT_SECONDS

SESSION = "CCHC_TEST_SESSION"
POSTGRES = "CCHC_TEST_DATABASE_URL"
KAFKA = "CCHC_TEST_KAFKA"
OPTIONS = ("--scram_iterations=1",)
"""Thousands of connections prove random passwords, which need no stretching."""


class Servers:
    """What this process started for the tests, and stops at their end."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._running: list[tuple[subprocess.Popen[bytes], signal.Signals]] = []
        os.environ.setdefault(SESSION, secrets.token_hex(6))

    def start_postgres(self) -> None:
        """Starts a server and publishes its address; does not wait until it is ready."""
        if POSTGRES in os.environ:
            return
        server = PostgresServer(self.folder / "postgres", free_port(), secrets.token_urlsafe(16), durable=False)
        server.initialise()
        command = [*server.command(), *OPTIONS]
        self._spawn(command, "postgres.log", signal.SIGINT, account=server.account())
        os.environ[POSTGRES] = server.url()

    def start_kafka(self) -> None:
        """Starts a broker and publishes its address; does not wait until it is ready."""
        if KAFKA in os.environ:
            return
        port = free_port()
        own = {"CCHC_DATA_DIR": str(self.folder), "CCHC_KAFKA_PORT": str(port)}
        self._spawn([sys.executable, "-m", "cchc_embedded.kafka"], "kafka.log", signal.SIGTERM, environment=own)
        os.environ[KAFKA] = f"127.0.0.1:{port}"

    @property
    def folder(self) -> Path:
        """A folder under a temporary one: data folders of servers do not belong into the repository."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="cchc-test-", dir=scratch()))
        return self._folder

    def stop(self) -> None:
        """Ends every server and removes its data."""
        for process, stop_signal in self._running:
            process.send_signal(stop_signal)
        for process, _ in self._running:
            try:
                process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _spawn(
        self,
        command: list[str],
        log: str,
        stop_signal: signal.Signals,
        *,
        account: Account | None = None,
        environment: dict[str, str] | None = None,
    ) -> None:
        with (self.folder / log).open("wb") as output:
            process = spawn(
                command,
                environment=os.environ | (environment or {}),
                output=output,
                stop_signal=stop_signal,
                account=account,
                folder=self.folder,
            )
        self._running.append((process, stop_signal))


SERVERS = pytest.StashKey[Servers]()


def pytest_configure(config: pytest.Config) -> None:
    """The controlling process owns the servers; workers inherit their addresses."""
    if hasattr(config, "workerinput"):
        return
    servers = config.stash[SERVERS] = Servers()
    if config.getoption("numprocesses", None) and not config.getoption("collectonly") and not units_only(config):
        servers.start_postgres()
        servers.start_kafka()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends what was started, however the session ended."""
    if SERVERS in config.stash:
        config.stash[SERVERS].stop()


@pytest.fixture(scope="session")
def postgres_url(pytestconfig: pytest.Config) -> str:
    """Admin's address of the session's PostgreSQL, ready."""
    if SERVERS in pytestconfig.stash:
        pytestconfig.stash[SERVERS].start_postgres()
    url = os.environ[POSTGRES]
    asyncio.run(wait_ready(url))
    return url


@pytest.fixture(scope="session")
def kafka(pytestconfig: pytest.Config) -> str:
    """Bootstrap address of the session's broker, ready."""
    if SERVERS in pytestconfig.stash:
        pytestconfig.stash[SERVERS].start_kafka()
    address = os.environ[KAFKA]
    end = time.monotonic() + LIMIT_SECONDS  # the first run of a working copy fetches the broker first
    while not _accepts(address):
        assert time.monotonic() < end, f"no Kafka on {address}; PYTEST_DEBUG_TEMPROOT=FOLDER keeps its kafka.log"
        time.sleep(0.05)
    return address


def _accepts(address: str) -> bool:
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True
