"""Servers that one test may kill: the session's own serve all the others."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cchc_embedded.kafka import KafkaServer, java_environment
from cchc_embedded.ports import free_port
from cchc_embedded.postgres import PostgresServer, wait_ready
from cchc_embedded.processes import Account, spawn
from cchc_embedded.provision import provision
from tests.support.databases import Database, passwords
from tests.support.waiting import until


@dataclass
class Killable:
    """A server process on data that outlives it."""

    command: list[str]
    environment: Mapping[str, str]
    folder: Path
    account: Account | None = None
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.folder / "server.log").open("ab") as log:
            self.process = spawn(
                self.command, environment=self.environment, output=log, account=self.account, folder=self.folder
            )

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait()
            self.process = None


async def own_postgres(folder: Path) -> tuple[Killable, Database]:
    """A PostgreSQL with roles and schemas; SIGQUIT ends it as a crash would."""
    server = PostgresServer(folder / "postgres", free_port(), "secret")
    await asyncio.to_thread(server.initialise)
    killable = Killable(server.command(), os.environ, folder, server.account())
    killable.start()
    await wait_ready(server.url())
    await provision(server.url(), passwords(server.url()))
    return killable, Database(server.url())


async def own_kafka(folder: Path) -> tuple[Killable, str]:
    """A broker, and where its clients begin."""
    server = KafkaServer(folder / "kafka", free_port())
    await asyncio.to_thread(server.prepare, lambda _: None)
    killable = Killable(server.command(), java_environment(), folder)
    killable.start()
    await until(lambda: _accepts(server.port))
    return killable, server.bootstrap_servers


async def _accepts(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True
