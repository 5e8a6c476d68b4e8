"""Looks at one part from outside: what it says of itself, or that it says nothing."""

import http.client
import json
import socket
import struct
from dataclasses import dataclass

ANSWER_SECONDS = 2.5
"""Longer than a part's own checks may take: a part that says why it is not ready is heard."""
STARTING = {"process"}
"""The one check of a process that is not open yet, or not any more."""
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
"""PostgreSQL answers it with one byte before any login."""


@dataclass
class State:
    """State of a part when it was last looked at. `why` is Vietnamese · English."""

    ready: bool
    why: str | None = None
    silent: bool = False
    """It takes connections and answers nothing: whoever asks it waits in vain."""
    refuses: bool = False
    """It answers, has started, and says that it is not ready."""
    refusals: int = 0
    """In how many looks in a row it has refused while all others answered."""
    reported: bool = False
    """Whether the screen says that it is not ready."""

    @classmethod
    def unknown(cls) -> "State":
        """Before the first look."""
        return cls(ready=False, why="chưa xem · not looked at yet")


def service_state(port: int) -> State:
    """What a service says at its operator's address."""
    try:
        status, body = _get(port, "/readyz")
        if status == 200:
            return State(ready=True)
        checks = json.loads(body)["checks"]
        why = "; ".join(f"{name}: {check['why']}" for name, check in checks.items() if not check["ready"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return State(ready=False, why="trả lời khác lệ thường · answers in an unknown way")
    except (OSError, http.client.HTTPException) as error:
        return _silence(error)
    return State(ready=False, why=why, refuses=checks.keys() != STARTING)


def metrics_of(port: int) -> str | None:
    """The metrics of a service, or nothing when it does not answer."""
    try:
        status, body = _get(port, "/metrics")
    except (OSError, http.client.HTTPException):
        return None
    return body.decode(errors="replace") if status == 200 else None


def postgres_state(port: int) -> State:
    """Whether a PostgreSQL server answers at all; one that is frozen takes connections and says nothing."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS) as connection:
            connection.sendall(_SSL_REQUEST)
            if connection.recv(1) in {b"N", b"S"}:
                return State(ready=True)
    except OSError as error:
        return _silence(error)
    return State(ready=False, why="không nhận kết nối · takes no connections")


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _silence(error: Exception) -> State:
    if isinstance(error, TimeoutError):
        waited = f"{ANSWER_SECONDS:g} s"
        return State(ready=False, why=f"không trả lời trong {waited} · no answer in {waited}", silent=True)
    return State(ready=False, why="không chạy · not running")
