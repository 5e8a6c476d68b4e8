"""Starts the parts of one installation in order, watches them, and stops them.

This process imports what several processes are made of, once, and starts each of them as a copy of itself; it has one
thread, no event loop and no connection, so that copying it is safe. Everything that talks to PostgreSQL or Kafka
happens in the copies.
"""

import asyncio
import gc
import importlib
import os
import runpy
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import asyncpg

from cchc_embedded.database_faults import explain
from cchc_embedded.given import remember
from cchc_embedded.installation import APIS, DATABASE, Installation, service_of
from cchc_embedded.kafka_faults import KAFKA_FAULTS, explain_kafka
from cchc_embedded.locks import AlreadyRunningError, exclusive
from cchc_embedded.parts import operations_part, postgres_part, refuses_work, service_part
from cchc_embedded.ports import refusal
from cchc_embedded.processes import Child, Forked, name_process
from cchc_embedded.provision import create_database
from cchc_embedded.screen import say, welcome
from cchc_embedded.settings import SettingError, Settings
from cchc_embedded.supervisor import Misconfigured, NotReady, StopRequested, Supervisor

SHARED_IMPORTS = (
    "cchc_embedded.prepare",
    "cchc_shared.service.actions",
    "cchc_shared.service.assembly",
    "cchc_shared.service.idempotency",
    "cchc_shared.service.parked_events",
    "cchc_shared.service.workflow",
    "cchc_shared.storage.group_commit",
    "cchc_shared.stream.outbox",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)
SERVICE_IMPORTS = ("tasks_api.bootstrap", "feedback_api.bootstrap", "scoring_worker.bootstrap")
"""The services of which an API, a worker and a seed are started: to import them again took a third of a start.

A process shows the gauges of another service then, at 0; alerts take the `max` of each, as a worker shows those of its
API so anyway.
"""
SEEDS = {"tasks-api": "tasks_api.seed", "scoring-worker": "scoring_worker.seed"}
"""Service → the module that loads its reference data."""
REFUSAL_SECONDS = 10.0
"""How long a worker that refuses its work is waited for: what ails it may pass while everything starts."""


def import_shared() -> None:
    """What several processes need, once for all of them, while PostgreSQL starts."""
    gc.disable()  # nothing of it is garbage
    # structlog takes this in where it is installed, to draw tracebacks as no service writes them: a sixth of the whole.
    sys.modules["rich"] = None  # type: ignore[assignment]
    for module in SHARED_IMPORTS:
        importlib.import_module(module)
    del sys.modules["rich"]
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy brings a library that would start some
    for module in SERVICE_IMPORTS:
        with suppress(Exception):  # the process that is nothing without it says why, into its own log
            importlib.import_module(module)
    gc.freeze()  # the copies share these pages as long as nobody touches them
    gc.enable()


class CannotStartError(Exception):
    """The reason, in words for whoever typed `make run`."""


def prepare(here: Installation) -> None:
    """The database, on a server of ours or on the one that was named; the topics, where there is a Kafka."""
    from cchc_embedded.prepare import prepare_database, prepare_topics  # after PostgreSQL has begun to start

    try:
        if here.given_database is None:
            asyncio.run(create_database(here.postgres.url(), DATABASE))
        prepare_database(here.admin_url, here.secrets)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        sys.exit(explain(error, here.database_place))
    if here.kafka:
        try:
            prepare_topics(here.kafka)
        except KAFKA_FAULTS as error:
            sys.exit(explain_kafka(error, here.kafka))


class Launcher:
    """Starts the parts of one installation in order, and stops them."""

    def __init__(self, here: Installation) -> None:
        self._here = here
        self._began = time.monotonic()
        self._supervisor = Supervisor(here.folder / "run", here.folder / "logs", say)

    def run(self) -> int:
        """Run until asked to stop. Exit code: 0, or 1 when the system could not be started."""
        with self._supervisor.signals():
            try:
                self._start()
                self._supervisor.watch()
            except StopRequested:
                say("\nĐang dừng, làm nốt việc đã nhận · stopping, finishing what was accepted")
                return 0
            except (CannotStartError, Misconfigured) as error:
                say(f"\nKhông khởi động được · cannot start: {error}")
                return 1
            finally:
                self._supervisor.stop()
        return 0

    def _start(self) -> None:
        here = self._here
        if here.given_database is None:
            self._start_postgres()
        import_shared()
        self._wait(30)
        self._step("Vai trò, lược đồ, bảng · roles, schemas, tables", f"Kafka {here.kafka}" if here.kafka else "")
        self._job("prepare", lambda: prepare(here), dict(os.environ))
        self._step("Dữ liệu tham chiếu và kế hoạch mẫu · reference data and sample plan")
        for service, module in SEEDS.items():
            self._job(
                f"seed-{service}",
                partial(runpy.run_module, module, run_name="__main__", alter_sys=True),
                here.environment(service),
            )
        names = here.services()
        self._step("Dịch vụ · services", ", ".join(names))
        apis = [name for name in names if service_of(name) in APIS]
        workers = [name for name in names if name not in {*apis, "gateway"}]
        for group in (workers, apis, ["gateway"]):
            self._supervisor.start(*(service_part(here, name) for name in group))
        self._supervisor.start(operations_part(here))  # the last group is stopped first: it tells of no orderly end
        self._wait(60)
        welcome(here, self._supervisor.pids(), time.monotonic() - self._began)

    def _start_postgres(self) -> None:
        server = self._here.postgres
        if (server.folder / "PG_VERSION").exists():
            self._step("PostgreSQL")
        else:
            self._step("PostgreSQL", "lần đầu tạo dữ liệu, vài giây · first run, some seconds")
            # In a copy, which can be given up at any moment: Ctrl-C must not wait for it, nor be heard by it.
            server.forget_drafts()
            self._job("initdb", server.initialise, dict(os.environ))
        self._supervisor.start(postgres_part(self._here))

    def _step(self, what: str, detail: str = "") -> None:
        say(f"  {time.monotonic() - self._began:5.1f} s  {what}{f' ({detail})' if detail else ''}")

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                return self._supervisor.wait_ready(min(seconds, REFUSAL_SECONDS))
            except NotReady as error:
                # A worker that refuses its work is named on the screen; what citizens send is taken in meanwhile.
                if all(refuses_work(self._here, part) for part in error.parts):
                    return None
                if time.monotonic() >= end:
                    raise CannotStartError(f"{error}: {self._here.folder / 'logs'}") from error

    def _job(self, name: str, action: Callable[[], object], environment: dict[str, str]) -> None:
        def launch(output: int) -> Child:
            return Forked(name, action, environment=environment, output=output)

        try:
            code = self._supervisor.run(name, launch, timeout=300)
        except TimeoutError:
            code = 1
        if code:
            why = f"{name}: {self._supervisor.last_error(name)} ({self._supervisor.log(name)})"
            # Whoever is refused by a server that is ending or recovering is not told why it does.
            said = self._supervisor.last_error("postgres")
            if said.startswith(("PANIC:", "FATAL:", "ERROR:")):  # any other line is not about a fault
                why = f"{why}\n    postgres: {said}"
            raise CannotStartError(why)


def unusable(name: str, port: int, error: OSError) -> str:
    """Why a port that was asked for cannot be had."""
    if isinstance(error, PermissionError):
        return f"Cổng {port} cần quyền cao hơn · port {port} wants rights that you do not have: {name}=8080 make run"
    return f"Cổng {port} đang bận · port {port} is taken: {name}=… make run"


def run() -> int:
    """Checks what can be checked beforehand, then runs. The exit code of `make run`."""
    try:
        return _run(Settings.read(os.environ))
    except SettingError as error:
        say(f"Không khởi động được · cannot start: {error}")
    except OSError as error:
        say(f"Không khởi động được · cannot start: {error.strerror} ({error.filename})")
    return 1


def _run(settings: Settings) -> int:
    (settings.folder / "run").mkdir(exist_ok=True)
    say(f"CCHC: {settings.folder}")
    try:
        with exclusive(settings.folder / "run" / "lock", wait=False):
            remember(settings.folder)
            for name, port in (("CCHC_PORT", settings.port), ("CCHC_OPS_PORT", settings.ops_port)):
                if error := refusal(port):
                    say(unusable(name, port, error))
                    return 1
            name_process("launcher")
            return Launcher(Installation.of(settings)).run()
    except AlreadyRunningError:
        say(f"{settings.folder} đang được dùng · another run uses this folder: CCHC_DATA_DIR=… CCHC_PORT=… make run")
        return 1
