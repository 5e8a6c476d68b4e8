"""Second processes of the services beside those of the launcher: with a wire to the database, and a clock of their own.

The second gateway forwards to the second APIs: whoever comes through it meets second processes only. Nobody
supervises them but the test.
"""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import psutil

from cchc_embedded.installation import PUBLIC, SERVICES
from cchc_embedded.ports import free_port, free_ports
from cchc_embedded.processes import spawn
from tests.support.broker import Broker
from tests.support.system import System, readiness
from tests.support.waiting import Watch
from tests.support.wire import Wire


class Second:
    """One more process of a part, on a port of its own; it reaches the database by `wire`, if it has one."""

    def __init__(self, system: System, part: str, environment: Callable[["Second"], Mapping[str, str]]) -> None:
        self.part = part
        self.port = 0
        self.wire = None if SERVICES[part][1] is None else Wire(lambda: port_of(system.admin_url))
        self._environment = environment
        self._log = system.folder / "logs" / f"{part}-second.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, **changes: str) -> None:
        """Starts it, with these changes of its environment; does not wait until it is ready."""
        with self._log.open("ab") as output:
            command = [sys.executable, "-m", SERVICES[self.part][0]]
            self._process = spawn(command, environment={**self._environment(self), **changes}, output=output)

    @property
    def pid(self) -> int | None:
        """The process, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    @property
    def worked(self) -> int:
        """Seconds of processor time, rounded down. Fails when the process has ended."""
        assert self.pid is not None, f"{self.part} ended while starting\n{self.tail()}"
        with contextlib.suppress(psutil.NoSuchProcess):
            return int(sum(psutil.Process(self.pid).cpu_times()[:2]))
        return 0

    def ready(self) -> bool:
        """Whether it may be sent work now."""
        return self.health()[0]

    def health(self) -> tuple[bool, str]:
        """The same, with what it says of itself."""
        return readiness(self.port)

    def stop(self) -> int:
        """SIGTERM; the exit code. Whatever hangs is killed, and that is an error."""
        assert self._process is not None
        self._process.terminate()
        try:
            return self._process.wait(60)
        except subprocess.TimeoutExpired as error:
            self.kill()
            raise AssertionError(f"{self.part} did not stop\n{self.tail()}") from error

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def tail(self, lines: int = 25) -> str:
        """The end of what it wrote into its log."""
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])


class Seconds:
    """A second process of each part of a running system; behind the wire of `broker` where events travel over it."""

    def __init__(self, system: System, broker: Broker | None) -> None:
        self._system = system
        self._broker = broker
        self._wires = ExitStack()
        self._by_part = {part: Second(system, part, self._environment) for part in SERVICES}

    @property
    def url(self) -> str:
        """The address of the second gateway; another one after each `launch`."""
        return f"http://127.0.0.1:{self._by_part['gateway'].port}"

    @property
    def all(self) -> Sequence[Second]:
        """Of each part that the system has now, the APIs last."""
        return [second for part, second in self._by_part.items() if part in self._system.parts]

    def launch(self) -> None:
        """Starts them and returns at once. They end with the thread that calls this."""
        ports = free_ports(len(self._by_part))  # anew: another program may have taken the former ones meanwhile
        for second, port in zip(self._by_part.values(), ports, strict=True):
            second.port = port
        for second in self.all:
            second.start()

    def wait_ready(self) -> None:
        """Returns when all are ready."""
        watch = Watch()
        while waiting := [second for second in self.all if not second.ready()]:
            watch.look([second.worked for second in waiting], lambda: "\n".join(each.tail() for each in waiting))
            time.sleep(0.1)

    def stop(self) -> dict[str, int]:
        """Stops them as an operator would, the gateway first; the exit code of each."""
        return {second.part: second.stop() for second in reversed(self.all)}

    def __enter__(self) -> Self:
        for second in self._by_part.values():
            if second.wire is not None:
                self._wires.enter_context(second.wire)
        try:
            self.launch()
            self.wait_ready()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        for second in self._by_part.values():
            second.kill()
        self._wires.close()

    def _environment(self, second: Second) -> Mapping[str, str]:
        public = second.part in PUBLIC
        environment = self._system.environment(second.part) | {
            "PORT": str(second.port) if public else "",
            "OPS_PORT": str(free_port() if public else second.port),
        }
        if second.wire is None:
            places = {part: each.port for part, each in self._by_part.items() if part != second.part}
            return environment | {_setting(part): f"http://127.0.0.1:{port}" for part, port in places.items()}
        here, behind = port_of(self._system.admin_url), second.wire.port
        environment["DATABASE_URL"] = environment["DATABASE_URL"].replace(f":{here}/", f":{behind}/")
        if self._broker is not None and "relay" in self._system.parts:
            environment["KAFKA_BOOTSTRAP_SERVERS"] = self._broker.behind_wire
        return environment


def _setting(part: str) -> str:
    return f"{part.upper().replace('-', '_')}_URL"


def port_of(url: str) -> int:
    """The port that an address names."""
    port = urlsplit(url).port
    assert port is not None
    return port
