"""A Kafka broker of a test's own, which may be killed without disturbing the session's other tests."""

import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from cchc_embedded.kafka import KafkaServer, java_environment
from cchc_embedded.processes import free_port, spawn
from tests.support.waiting import Watch


class Broker:
    """A broker on `folder`; killed or stopped, it starts again on the same data and port."""

    def __init__(self, folder: Path) -> None:
        self._server = KafkaServer(folder, free_port())
        self._log = folder.with_suffix(".log")
        self._process: subprocess.Popen[bytes] | None = None
        self.bootstrap_servers = self._server.bootstrap_servers

    def __enter__(self) -> Self:
        self._server.prepare()
        self.start()
        watch = Watch()
        while not self.accepts():
            watch.look(self._log.stat().st_size, lambda: self._log.read_text(errors="replace"))
            time.sleep(0.05)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        """Starts the process; it takes connections two or three seconds later."""
        with self._log.open("ab") as output:
            self._process = spawn(self._server.command(), environment=java_environment(), output=output)

    def accepts(self) -> bool:
        """Whether it takes connections."""
        host, _, port = self.bootstrap_servers.rpartition(":")
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
