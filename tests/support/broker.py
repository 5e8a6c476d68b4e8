"""A Kafka broker of a test's own, which may be killed without disturbing the session's other tests."""

import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from cchc_embedded.kafka import KafkaServer, java_environment
from cchc_embedded.ports import free_ports
from cchc_embedded.processes import spawn
from tests.support.waiting import Watch
from tests.support.wire import Wire

LISTENER = "listeners=PLAINTEXT://127.0.0.1:{port},"
ADVERTISED = "advertised.listeners=PLAINTEXT://127.0.0.1:{port}"
PROTOCOLS = "listener.security.protocol.map="


class Broker:
    """A broker on `folder`; killed or stopped, it starts again on the same data and port.

    Who begins at `bootstrap_servers` speaks to it directly; who begins at `behind_wire` through `wire`, always.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port, self._wired_port = free_ports(2)
        self._server = KafkaServer(folder, self.port)
        self._log = folder.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self.wire = Wire(lambda: self._wired_port)
        self.bootstrap_servers = self._server.bootstrap_servers
        self.behind_wire = f"127.0.0.1:{self.wire.port}"

    def __enter__(self) -> Self:
        self._server.prepare()
        self._listen_behind_wire()
        self.wire.__enter__()
        self.start()
        watch = Watch()
        while not self.accepts():
            watch.look(self._log.stat().st_size, lambda: self._log.read_text(errors="replace"))
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.kill()
        self.wire.__exit__(None, None, None)

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return self._process.pid if self._process is not None and self._process.poll() is None else None

    def start(self) -> None:
        """Starts the process; it takes connections two or three seconds later."""
        with self._log.open("ab") as output:
            self._process = spawn(self._server.command(), environment=java_environment(), output=output)

    def accepts(self) -> bool:
        """Whether it takes connections."""
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def _listen_behind_wire(self) -> None:
        """A second listener: clients are told the wire's address when they ask it where the broker is."""
        file = self._folder / "server.properties"
        told = file.read_text()
        listener, advertised = LISTENER.format(port=self.port), ADVERTISED.format(port=self.port)
        assert told.count(listener) == told.count(advertised) == told.count(PROTOCOLS) == 1, told
        told = told.replace(listener, f"{listener}WIRED://127.0.0.1:{self._wired_port},")
        told = told.replace(advertised, f"{advertised},WIRED://{self.behind_wire}")
        told = told.replace(PROTOCOLS, f"{PROTOCOLS}WIRED:PLAINTEXT,")
        file.write_text(f"{told}inter.broker.listener.name=PLAINTEXT\n")
