"""What the measurements run on: PostgreSQL with fsync, a real Kafka, and services that end with them."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from cchc_embedded.kafka import KafkaServer, java_environment
from cchc_embedded.migrate import HISTORIES, migrate
from cchc_embedded.paths import REPOSITORY
from cchc_embedded.ports import free_port
from cchc_embedded.postgres import PostgresServer, wait_ready
from cchc_embedded.processes import spawn
from cchc_embedded.provision import provision
from tests.support.databases import Database, execute, passwords
from tests.support.tokens import TestTokens

TEMPLATE = "bench_template"
SIZE = {"shared_buffers": "2GB", "max_wal_size": "8GB"}
"""What `docs/guides/production.md` asks for on the machine of 8 GB that it names."""
LOG_FILES = 48
WARM_UP = (*["SELECT pg_switch_wal() FROM txid_current()"] * LOG_FILES, "CHECKPOINT")
"""A server that has been up for a while writes into the files of its log that it used before; a new one first fills
each with zeros, for some 60 ms in which nobody is answered."""


class Stage:
    """The servers of one run; everything it started and wrote is gone when it is left."""

    def __init__(self) -> None:
        self._exits = ExitStack()

    def __enter__(self) -> "Stage":
        with ExitStack() as exits:
            self.folder = Path(tempfile.mkdtemp(prefix="cchc-bench-"))
            exits.callback(shutil.rmtree, self.folder, ignore_errors=True)
            server = PostgresServer(self.folder / "postgres", free_port(), uuid.uuid4().hex, size=SIZE)
            server.initialise()
            account = server.account()
            process = spawn(
                server.command(),
                environment=os.environ,
                output=subprocess.DEVNULL,
                stop_signal=signal.SIGINT,
                account=account,
                folder=server.folder,
            )
            exits.callback(_end, process, signal.SIGINT)
            self._admin_url = server.url()
            asyncio.run(wait_ready(self._admin_url))
            self._execute(*WARM_UP)
            self.tokens = TestTokens(self.folder)
            self._build_template()
            self._exits = exits.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    @contextmanager
    def database(self, template: Database | None = None) -> Iterator[Database]:
        """A migrated database without rows, or a copy of another one to which nobody is connected."""
        name = f"bench_{uuid.uuid4().hex}"
        source = TEMPLATE if template is None else urlsplit(template.admin_url).path[1:]
        self._execute(f"CREATE DATABASE {name} TEMPLATE {source}")
        try:
            yield Database(_named(self._admin_url, name))
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def kafka(self) -> Iterator[str]:
        """Where to reach a broker without topics."""
        server = KafkaServer(self.folder / f"kafka-{uuid.uuid4().hex}", free_port())
        server.prepare(lambda line: print(line, file=sys.stderr))
        process = spawn(server.command(), environment=java_environment(), output=subprocess.DEVNULL)
        try:
            yield server.bootstrap_servers
        finally:
            _end(process, signal.SIGKILL)
            shutil.rmtree(server.folder, ignore_errors=True)

    @contextmanager
    def service(self, module: str, **environment: str) -> Iterator[int]:
        """Port of `python -m module`, ready. Settings that every service needs are given."""
        port = free_port()
        given = {
            "PORT": str(port),
            "JWKS_URL": self.tokens.jwks_url,
            "ENVIRONMENT": "embedded",
            "CCHC_PROFILE": str(REPOSITORY / "data" / "hanoi"),
            "LOG_LEVEL": "warning",
            **environment,
        }
        log = self.folder / f"{module}-{port}.log"
        with log.open("wb") as output:
            process = spawn(
                [sys.executable, "-m", module],
                environment={**os.environ, **given},
                output=output,
                folder=REPOSITORY,
            )
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", process, log)
            yield port
        finally:
            _end(process, signal.SIGTERM)

    def _build_template(self) -> None:
        draft = Database(_named(self._admin_url, TEMPLATE))
        self._execute(f"CREATE DATABASE {TEMPLATE}")
        asyncio.run(provision(draft.admin_url, passwords(draft.admin_url)))
        for schema in HISTORIES:
            migrate(schema, draft.url(schema))

    def _execute(self, *statements: str) -> None:
        execute(self._admin_url, *statements)


def in_every_place(port: int) -> dict[str, str]:
    """Settings of a gateway that has this one service, whatever it is asked for."""
    names = ("TASKS_API", "FEEDBACK_API", "SCORING_API", "DOSSIERS_API", "NOTIFY")
    return {f"{name}_URL": f"http://127.0.0.1:{port}" for name in names}


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path, *, seconds: float = 60) -> None:
    """Return when `url` answers 200. Raises with the process's last words if it ends or takes too long."""
    request = urllib.request.Request(url)  # noqa: S310 - our own address
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(request, timeout=5):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise RuntimeError(f"{url} did not answer:\n{log.read_text(errors='replace')[-2000:]}")


def _end(process: subprocess.Popen[bytes], by: signal.Signals) -> None:
    process.send_signal(by)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))
