"""The whole embedded system as an operator starts it: a process of its own, on a data folder and a port of its own."""

import contextlib
import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx
import psutil

from cchc_embedded.installation import SERVICES, Installation
from cchc_embedded.ports import free_port
from cchc_embedded.processes import spawn
from tests.support.sets import known_sets
from tests.support.waiting import Watch, until_now

STOP_SECONDS = 180.0
REPLY_SECONDS = 120.0

PARTS = (*(name for name in SERVICES if name != "relay"), "postgres")
"""The parts on either transport; on Kafka there is a relay too."""

_READY = "Ctrl-C"
_BACKLOG = "cchc_stream_backlog_events{"
_PLACE = re.compile(r"^  ([\w-]+) +(?:http://)?127\.0\.0\.1:(\d+)", re.MULTILINE)


class System:
    """One run on `folder`; with `kafka` (a bootstrap address) events travel over that broker.

    `settings` are further ones of the launcher, by their names in the environment.
    """

    def __init__(self, folder: Path, kafka: str | None = None, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.ops_port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.parts: Sequence[str] = (*PARTS, "relay") if kafka else PARTS
        self.log = folder.with_suffix(".log")
        self._kafka = kafka
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._shift: str | None = None
        self._tokens: dict[tuple[str, ...], str] = {}

    def start(self) -> Self:
        """Starts it and returns when it answers with its units and its plan in place."""
        self.launch()
        self.wait_ready()
        return self

    def launch(self) -> None:
        """Starts it and returns at once. It ends with the thread that calls this."""
        foreign = {"DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS", "JWKS_URL", "WORKERS", "APIS"}
        environment = {
            name: value for name, value in os.environ.items() if name not in foreign and not name.startswith("CCHC_")
        }
        environment |= {"CCHC_DATA_DIR": str(self.folder), "CCHC_PORT": str(self.port)}
        environment |= {"CCHC_OPS_PORT": str(self.ops_port)}
        environment |= self._sets() | self._settings
        if self._kafka:
            environment["KAFKA_BOOTSTRAP_SERVERS"] = self._kafka
        if self._shift:
            environment["CCHC_CLOCK_SHIFT"] = self._shift
        with self.log.open("wb") as output:
            command = [sys.executable, "-m", "cchc_embedded.run"]
            self._process = spawn(command, environment=environment, output=output)

    def stop(self) -> int:
        """SIGTERM; the exit code. Whatever does not end in time is killed, and that is an error."""
        assert self._process is not None
        everything = psutil.Process(self._process.pid).children(recursive=True) if self._process.poll() is None else []
        self._process.terminate()
        try:
            return self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired as error:
            self._process.kill()
            raise AssertionError(f"did not stop in {STOP_SECONDS} s\n{self.tail()}") from error
        finally:
            for process in everything:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()

    def shifted(self, shift: str) -> Self:
        """The same installation at its next start, so much later (`P21D`)."""
        self._shift = shift
        self._tokens.clear()
        return self

    def carried_by(self, kafka: str | None) -> Self:
        """The same installation at its next start, with events that travel over that broker, or over PostgreSQL."""
        self._kafka = kafka
        self.parts = (*PARTS, "relay") if kafka else PARTS
        return self

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._process is not None and self._process.poll() is None:
            self.stop()

    def processes(self) -> list[psutil.Process]:
        """The launcher and everything below it."""
        assert self._process is not None
        launcher = psutil.Process(self._process.pid)
        return [launcher, *launcher.children(recursive=True)]

    def pid(self, part: str) -> int | None:
        """The process that its pid file names, if it lives."""
        try:
            pid = int((self.folder / "run" / f"{part}.pid").read_text())
            return pid if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE else None
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return None

    def health(self, part: str) -> tuple[bool, str]:
        """Whether a part may be sent work now, and what it says of itself."""
        if self.pid(part) is None:
            return False, "no process"
        port = self._installation().ports[part]
        if part != "postgres":
            return readiness(port)
        try:
            socket.create_connection(("127.0.0.1", port), timeout=2).close()
        except OSError as error:
            return False, repr(error)
        return True, ""

    def environment(self, part: str) -> dict[str, str]:
        """The environment that the launcher gives to a part."""
        kafka = {"KAFKA_BOOTSTRAP_SERVERS": self._kafka} if self._kafka else {}
        return self._installation().environment(part) | kafka | self._sets()

    def _sets(self) -> dict[str, str]:
        return {"CCHC_INDEX_SETS": str(known_sets(self.folder.with_suffix(".sets")))}

    def address(self, part: str) -> str:
        """Where a part itself answers, past the gateway."""
        return self._installation().url(part)

    @property
    def operations(self) -> str:
        """The operator's address of the whole."""
        return f"http://127.0.0.1:{self.ops_port}"

    def screen(self) -> str:
        """What the run has printed so far."""
        return self.log.read_text(errors="replace")

    @property
    def admin_url(self) -> str:
        """The database, for who may do anything to it."""
        return self._installation().admin_url

    def bearer(self, sub: str, *roles: str, unit: str | None = None) -> dict[str, str]:
        """The `Authorization` header of such a caller."""
        key = (sub, *roles, unit or "")
        if key not in self._tokens:
            asked = {"sub": sub, "roles": list(roles), "unit": unit}
            reply = httpx.post(f"{self.url}/dev/tokens", json=asked, timeout=REPLY_SECONDS).raise_for_status()
            self._tokens[key] = reply.json()["access_token"]
        return {"Authorization": f"Bearer {self._tokens[key]}"}

    def client(self, sub: str, *roles: str, unit: str | None = None) -> httpx.Client:
        """A plain client that calls as this person, for what the typed one does not say; without roles, as nobody."""
        headers = self.bearer(sub, *roles, unit=unit) if roles else {}
        return httpx.Client(base_url=self.url, headers=headers, timeout=REPLY_SECONDS)

    def tail(self, lines: int = 25) -> str:
        """The end of what the run printed, and of what each part wrote into its log."""
        logs = (self.log, *sorted((self.folder / "logs").glob("*.log")))
        return "\n".join(
            f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) for log in logs
        )

    def _installation(self) -> Installation:
        """What the launcher decided, from what it keeps in its folder and what it says on the screen."""
        said = self.log.read_text(errors="replace")
        ports = {name: int(port) for name, port in _PLACE.findall(said)}
        return Installation(
            folder=self.folder,
            gateway_port=self.port,
            given_database=None,
            kafka=self._kafka,
            secrets=json.loads((self.folder / "secrets.json").read_text()),
            ports={name: ports.get(name, 0) for name in SERVICES} | {"postgres": ports["PostgreSQL"]},
        )

    def wait_ready(self) -> None:
        """Returns when it answers with its units and its plan in place."""
        watch = Watch()
        assert self._process is not None
        while not self._answers():
            if self._process.poll() is not None:
                raise AssertionError(f"ended with {self._process.returncode} while starting\n{self.tail()}")
            watch.look(self._moves(), self.tail)
            time.sleep(watch.pause)

    def wait_at_rest(self) -> None:
        """Returns when every part is ready and no event waits: those of the first start may be older than this run."""
        until_now(self._waiting, lambda found: found == (200, 0))

    def _waiting(self) -> tuple[int, float]:
        """The status of readiness, and how many events wait."""
        page = httpx.get(f"{self.operations}/metrics", timeout=30).raise_for_status().text
        waiting = [float(line.rpartition(" ")[2]) for line in page.splitlines() if line.startswith(_BACKLOG)]
        ready = httpx.get(f"{self.operations}/readyz", timeout=30).status_code
        return ready, sum(waiting) if waiting else -1

    def _moves(self) -> tuple[object, ...]:
        """What changes while it is starting: what it writes, its processes, and the time they worked."""
        written = [log.stat().st_size for log in (self.log, *sorted((self.folder / "logs").glob("*.log")))]
        worked = 0
        for process in self.processes():
            with contextlib.suppress(psutil.NoSuchProcess):
                worked += int(sum(process.cpu_times()[:2]))
        return (*written, worked)

    def _answers(self) -> bool:
        if _READY not in self.screen():  # to ask before would only keep it from starting
            return False
        try:
            token = self.bearer("start", "coordinator")
            plans = httpx.get(f"{self.url}/v1/plans", headers=token, timeout=10)
            return plans.status_code == 200 and bool(plans.json()["items"])
        except (httpx.HTTPError, KeyError):
            return False


def readiness(port: int) -> tuple[bool, str]:
    """Whether a process on this machine says that it may be sent work, and what else it says of itself.

    Asked often: httpx would read certificates.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status == 200, answer.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return False, repr(error)
    finally:
        connection.close()
