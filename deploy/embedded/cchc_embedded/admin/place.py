"""Finds the system that an operator's command is about, and opens its database for the command."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from cchc_embedded.given import recall
from cchc_embedded.installation import Installation
from cchc_embedded.locks import AlreadyRunningError, exclusive
from cchc_embedded.paths import data_folder
from cchc_embedded.postgres import PostgresServer
from cchc_embedded.processes import spawn
from cchc_embedded.provision import OWNERS
from cchc_embedded.settings import SettingError, Settings
from cchc_shared.service import gc_tuning

PORT_LINE = 3
"""Of `postmaster.pid`, counted from 0."""


class Refused(Exception):
    """The reason, in words for whoever typed the command."""


def installation() -> Installation:
    """The installation of `CCHC_DATA_DIR`, as its last run was started; what the caller sets comes first."""
    folder = data_folder()
    given = recall(folder)
    if os.environ.get("DATABASE_URL") in {None, "", given.get("DATABASE_URL")}:  # else another system is meant
        for name, value in given.items():
            os.environ.setdefault(name, value)
    secrets = folder / "secrets.json"
    known = secrets.exists()
    here = Installation.of(Settings.read(os.environ))
    if known or here.given_database is None:
        return here
    secrets.unlink()  # the database that was named has secrets already, and these are not they
    return replace(here, secrets={})


def passwords(here: Installation) -> dict[str, str]:
    """By role: those of the environment, as `prepare` takes them, else those of the data folder."""
    return {role: password(here, role) for role in OWNERS.values()}


def password(here: Installation, role: str) -> str:
    """That of one role. Raises `Refused` where nobody says it."""
    name = f"CCHC_PASSWORD_{role.upper()}"
    found = os.environ.get(name) or here.secrets.get(role)
    if not found:
        raise Refused(f"thiếu mật khẩu · the password of the role {role} is wanted: {name}")
    return found


@contextmanager
def opened(here: Installation) -> Iterator[str]:
    """The administrator's address of the database. An embedded server that does not run is started for the while."""
    with ExitStack() as stack:
        if here.given_database is None:
            if not (here.postgres.folder / "PG_VERSION").exists():
                raise Refused(f"chưa có dữ liệu · there is no data in {here.folder}: make run")
            try:
                stack.enter_context(alone(here.folder))
            except AlreadyRunningError:
                here.ports["postgres"] = _port(here.postgres)
            else:
                stack.enter_context(running(here.postgres, here.folder / "logs" / "postgres.log"))
        yield here.admin_url


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keeps a data folder for this process. Raises `AlreadyRunningError` when the system runs on it."""
    (folder / "run").mkdir(parents=True, exist_ok=True)
    with exclusive(folder / "run" / "lock", wait=False):
        yield


def runs(folder: Path) -> bool:
    """Whether the system runs on this data folder."""
    try:
        with alone(folder):
            return False
    except AlreadyRunningError:
        return True


@contextmanager
def running(server: PostgresServer, log: Path) -> Iterator[None]:
    """Runs a server until the end of the block; its folder is made if it is not there."""
    server.initialise()
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        process = spawn(
            server.command(),
            environment=os.environ,
            output=output,
            stop_signal=signal.SIGINT,
            account=server.account(),
            folder=server.folder,
        )
    try:
        while not server.is_ready(process.pid):  # recovery takes as long as it takes
            if process.poll() is not None:
                raise Refused(f"PostgreSQL không khởi động được · does not start: {log}")
            time.sleep(0.05)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait()


def exit_code_of(command: Callable[[], int | None]) -> int:
    """Run a command and return its exit code. A refusal is written to the screen in one line."""
    gc_tuning.keep_what_is_there()
    try:
        return command() or 0
    except (Refused, SettingError) as reason:
        print(f"Không làm được · cannot do this: {reason}", file=sys.stderr)
    except subprocess.CalledProcessError as error:
        tool = Path(error.cmd[0]).name
        said = f": {error.stderr.strip()}" if error.stderr else ""
        print(f"Không làm được · cannot do this: {tool} → {error.returncode}{said}", file=sys.stderr)
    return 1


def _port(server: PostgresServer) -> int:
    try:
        return int((server.folder / "postmaster.pid").read_text().splitlines()[PORT_LINE])
    except (FileNotFoundError, IndexError, ValueError) as error:
        raise Refused("PostgreSQL đang khởi động, hãy thử lại · is starting; try again") from error
