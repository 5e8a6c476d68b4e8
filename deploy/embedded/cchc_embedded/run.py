"""`make run`: the whole system on this machine, from the first process to the first curl.

This process imports what all services share, once, and starts each of them as a copy of itself; it has one thread,
no event loop and no connection, so that copying it is safe. Everything that talks to PostgreSQL or Kafka happens in
the copies.
"""

import asyncio
import gc
import http.client
import importlib
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from cchc_embedded.given import remember
from cchc_embedded.installation import DATABASE, SERVICES, Installation
from cchc_embedded.locks import AlreadyRunningError, exclusive
from cchc_embedded.processes import Child, Forked, is_free, spawn
from cchc_embedded.provision import create_database
from cchc_embedded.supervisor import Part, StopRequested, Supervisor

SHARED_IMPORTS = (
    "cchc_embedded.prepare",
    "cchc_shared.service.actions",
    "cchc_shared.service.assembly",
    "cchc_shared.service.idempotency",
    "cchc_shared.service.parked_events",
    "cchc_shared.service.workflow",
    "cchc_shared.storage.group_commit",
    "cchc_shared.storage.migrations",
    "cchc_shared.stream.outbox",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "uvicorn.lifespan.on",
    "uvicorn.protocols.http.httptools_impl",
    "uvloop",
)
SEEDS = {"tasks-api": "tasks_api.seed", "scoring-worker": "scoring_worker.seed"}
"""Service → the module that loads its reference data; nothing of a service itself is imported here."""


class CannotStartError(Exception):
    """The reason, in words for whoever typed `make run`."""


def say(line: str = "") -> None:
    """Print one line; a closed terminal is no error."""
    with suppress(OSError):
        print(line, flush=True)


def postgres_part(here: Installation) -> Part:
    """The embedded PostgreSQL."""
    server = here.postgres

    def launch(output: int) -> Child:
        server.initialise()
        return spawn(
            server.command(),
            environment=os.environ,
            output=output,
            stop_signal=signal.SIGINT,
            account=server.account(),
            folder=server.folder,
        )

    return Part("postgres", launch, lambda child: server.is_ready(child.pid), stop_signal=signal.SIGINT)


def service_part(here: Installation, name: str) -> Part:
    """One of the services."""
    module = SERVICES[name][0]
    return Part(
        name,
        partial(_fork_module, name, module, here.environment(name)),
        lambda _: _answers(here.ports[name], "/readyz"),
    )


def _fork_module(name: str, module: str, environment: dict[str, str], output: int) -> Child:
    return Forked(
        name,
        lambda: runpy.run_module(module, run_name="__main__", alter_sys=True),
        environment=environment,
        output=output,
    )


def _answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def prepare(here: Installation) -> None:
    """The database, on a server of ours or on the one that was named; the topics, where there is a Kafka."""
    from cchc_embedded.prepare import prepare_database, prepare_topics  # after PostgreSQL has begun to start

    if here.given_database is None:
        asyncio.run(create_database(here.postgres.url(), DATABASE))
    prepare_database(here.admin_url, here.secrets)
    if here.kafka:
        prepare_topics(here.kafka)


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
            except CannotStartError as error:
                say(f"\nKhông khởi động được · cannot start: {error}")
                return 1
            finally:
                self._supervisor.stop()
        return 0

    def _start(self) -> None:
        here = self._here
        if here.given_database is None:
            first = not (here.folder / "postgres").exists()
            self._step("PostgreSQL", "lần đầu tạo dữ liệu, vài giây · first run, some seconds" if first else "")
            self._supervisor.start(postgres_part(here))
        for module in SHARED_IMPORTS:
            importlib.import_module(module)
        gc.freeze()  # the copies share these pages as long as nobody touches them
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
        apis = [name for name in names if name.endswith("-api")]
        workers = [name for name in names if name not in {*apis, "gateway"}]
        for group in (workers, apis, ["gateway"]):
            self._supervisor.start(*(service_part(here, name) for name in group))
        self._wait(60)
        self._welcome()

    def _step(self, what: str, detail: str = "") -> None:
        say(f"  {time.monotonic() - self._began:5.1f} s  {what}{f' ({detail})' if detail else ''}")

    def _wait(self, seconds: float) -> None:
        try:
            self._supervisor.wait_ready(seconds)
        except TimeoutError as error:
            raise CannotStartError(f"{error}: {self._here.folder / 'logs'}") from error

    def _job(self, name: str, action: Callable[[], object], environment: dict[str, str]) -> None:
        def launch(output: int) -> Child:
            return Forked(name, action, environment=environment, output=output)

        try:
            code = self._supervisor.run(name, launch, timeout=300)
        except TimeoutError:
            code = 1
        if code:
            log = self._supervisor.log(name)
            last = log.read_text(errors="replace").rstrip().rpartition("\n")[2]
            raise CannotStartError(f"{name}: {last} ({log})")

    def _welcome(self) -> None:
        here = self._here
        door = here.url("gateway")
        numbers = self._supervisor.pids()
        say(f"\nSẵn sàng sau · ready after {time.monotonic() - self._began:.1f} s\n")
        say(f"  gateway          {door}   (hợp đồng · contract: {door}/openapi.json)")
        for name in (name for name in numbers if name not in {"gateway", "postgres"}):
            say(f"  {name:<16} {here.url(name)}   pid {numbers[name]}")
        say(f"  PostgreSQL       {here.database_place}")
        if here.kafka:
            say(f"  Kafka            {here.kafka}")
        say(f"  nhật ký · logs   {here.folder / 'logs'}")
        if shift := os.environ.get("CCHC_CLOCK_SHIFT"):
            say(f"\n  ĐỒNG HỒ ĐÃ DỜI {shift}: hệ thống đang sống ở ngày khác, chỉ để thử.")
            say(f"  THE CLOCK IS SHIFTED by {shift}: the system lives on another day; for trials only.")
        say("\nThử ngay · try it:\n")
        say(f'  curl -s {door}/dev/tokens --json \'{{"sub": "toi", "roles": ["coordinator"]}}\'')
        say(f"  curl -s {door}/v1/units?limit=3 -H 'Authorization: Bearer …access_token…'")
        say("\nCtrl-C: dừng · stop")


def main() -> int:
    """Checks what can be checked beforehand, then runs."""
    here = Installation.from_environment()
    (here.folder / "run").mkdir(exist_ok=True)
    say(f"CCHC: {here.folder}")
    try:
        with exclusive(here.folder / "run" / "lock", wait=False):
            remember(here.folder)
            if not is_free(here.gateway_port):
                say(f"Cổng {here.gateway_port} đang bận · port {here.gateway_port} is taken: CCHC_PORT=… make run")
                return 1
            return Launcher(here).run()
    except AlreadyRunningError:
        say(f"{here.folder} đang được dùng · another run uses this folder: CCHC_DATA_DIR=… CCHC_PORT=… make run")
        return 1


if __name__ == "__main__":
    sys.exit(main())
