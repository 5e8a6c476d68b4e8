"""What an operator does and sees, for tests of a running system."""

import uuid
from collections.abc import Callable
from typing import Any

import httpx

from tests.support.system import System


def readiness(system: System) -> tuple[int, dict[str, Any]]:
    """The status and the document of `/readyz` at the operator's address of the whole."""
    answer = httpx.get(f"{system.operations}/readyz", timeout=30)
    return answer.status_code, answer.json()


def reporting(citizen: httpx.Client) -> Callable[[], None]:
    """Sends one report each time it is called."""

    def send() -> None:
        body = {"channel": "web", "kind": "on_site", "content": "Đèn hỏng", "unit": "so-noi-vu"}
        # With a key it may be sent again: whether an instance that was killed carried it out is not known.
        answer = citizen.post("/v1/feedback", json=body, headers={"Idempotency-Key": str(uuid.uuid4())})
        assert answer.status_code == 201, answer.text

    return send
