"""A whole embedded system that runs: of this checkout, or of another one with an environment of its own."""

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from cchc_embedded.paths import REPOSITORY
from cchc_embedded.ports import free_port

READY = b"ready after"


@dataclass(frozen=True, slots=True)
class Running:
    """The gateway's port, the seconds from the command to the words that all is ready, and whose processes they are."""

    folder: Path
    port: int
    seconds: float
    supervisor: int
    operations: int
    """Port of the operator's address."""

    def parts(self) -> dict[str, list[psutil.Process]]:
        """The processes of each part: its children with it."""
        parts = {"supervisor": [psutil.Process(self.supervisor)]}
        for file in (self.folder / "run").glob("*.pid"):
            process = psutil.Process(int(file.read_text()))
            parts[file.stem] = [process, *process.children(recursive=True)] if file.stem == "postgres" else [process]
        return parts

    def backlogs(self) -> dict[str, float]:
        """How many events each worker has still to take."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.operations, timeout=30)) as connection:
            connection.request("GET", "/metrics")
            page = connection.getresponse().read().decode()
        waiting: dict[str, float] = {}
        for labels, value in re.findall(r"^cchc_stream_backlog_events{(.*)} (\S+)$", page, re.MULTILINE):
            (consumer,) = re.findall(r'consumer="([^"]*)"', labels)
            waiting[consumer] = max(waiting.get(consumer, 0.0), float(value))
        return waiting

    def token(self, *roles: str) -> str:
        """`Authorization` of a caller with these roles."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            answer = ask(
                connection, "POST", "/dev/tokens", "", json.dumps({"sub": f"bench-{roles[0]}", "roles": roles})
            )
        return f"Bearer {answer['access_token']}"

    def communes(self, token: str, day: str) -> list[str]:
        """Codes of a hundred communes that exist on that day."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            found = ask(connection, "GET", f"/v1/units?kind=commune&as_of={day}&limit=101", token)
        return [unit["code"] for unit in found["items"]]


@contextmanager
def running(folder: Path, checkout: Path = REPOSITORY) -> Iterator[Running]:
    """The system of a checkout on a data folder of its own, until it is left."""
    python = sys.executable if checkout == REPOSITORY else str(checkout / ".venv" / "bin" / "python")
    port, operations = free_port(), free_port()
    ports = {"CCHC_PORT": str(port), "CCHC_OPS_PORT": str(operations)}
    environment = {**os.environ, **ports, "CCHC_DATA_DIR": str(folder), "PYTHONUNBUFFERED": "1"}
    for name in ("DATABASE_URL", "KAFKA_BOOTSTRAP_SERVERS"):
        environment.pop(name, None)
    began = time.perf_counter()
    with subprocess.Popen(
        [python, "-m", "cchc_embedded.run"], env=environment, cwd=checkout, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout is not None
            said: list[bytes] = []
            while not said or READY not in said[-1]:
                said.append(process.stdout.readline())
                if not said[-1]:
                    raise RuntimeError(b"".join(said).decode())
            yield Running(folder, port, time.perf_counter() - began, process.pid, operations)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=60)
    if process.returncode:
        raise RuntimeError(f"the system ended with {process.returncode}")


def ask(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    token: str,
    content: str | None = None,
    *,
    missing: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The JSON that is answered; `missing` stands for 404. Raises `RuntimeError` for any other refusal."""
    headers = {"Content-Type": "application/json"} | ({"Authorization": token} if token else {})
    connection.request(method, target, None if content is None else content.encode(), headers)
    answer = connection.getresponse()
    found = answer.read()
    if answer.status == 404 and missing is not None:
        return missing
    if answer.status not in {200, 201}:
        raise RuntimeError(f"{method} {target}: {answer.status} {found[:500]!r}")
    return dict(json.loads(found))
