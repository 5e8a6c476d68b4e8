"""A receiver in a process of its own, and events that are applied as the worker applies them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import DossierChannel, DossierStatus
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.dossier import DossierOpened
from notify.webhooks import feature
from notify.webhooks.posting import Poster
from notify.webhooks.rules import WebhookRules
from notify.webhooks.sending import Sender
from tests.support.waiting import until_now

from ..conftest import HOME_AFFAIRS, NOW, Service

OPENED = DossierOpened.TYPE
TOLD = ["dossiers", "events.dossier"]
SYSTEM_CALLER = "system:one-stop-1"


class Receiver:
    """The other process, and what it wrote down."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.secrets: dict[str, list[str]] = {}

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{(self.folder / 'port').read_text()}{path}"

    def knows(self, path: str, *secrets: str) -> None:
        self.secrets[path] = list(secrets)
        partial = self.folder / "secrets.partial"
        partial.write_text(json.dumps(self.secrets))
        partial.rename(self.folder / "secrets.json")

    def attempts(self, path: str | None = None) -> Sequence[dict[str, Any]]:
        file = self.folder / "attempts.jsonl"
        lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
        return [line for line in lines if path in {None, line["path"]}]


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    process = subprocess.Popen([sys.executable, str(Path(__file__).with_name("receiver.py")), str(tmp_path)])  # noqa: S603 - our own
    try:
        until_now((tmp_path / "port").exists)
        yield Receiver(tmp_path)
    finally:
        process.kill()
        process.wait()


def opened(code: str, version: int = 1, unit: str = HOME_AFFAIRS) -> Event:
    data = DossierOpened(
        code=code, procedure="1.001", unit=unit, channel=DossierChannel.COUNTER, status=DossierStatus.REGISTERED
    )
    return new_event(data, subject=code, version=version, occurred_at=NOW, recorded_at=NOW)


class Webhooks:
    """Webhooks of one system, as tests make and feed them."""

    def __init__(self, service: Service, receiver: Receiver, clock: FixedClock) -> None:
        self.service = service
        self.receiver = receiver
        self.clock = clock
        self.rules = service.here.use(WebhookRules)
        self.own = service.tokens(sub=SYSTEM_CALLER, roles=["system"])

    async def make(self, path: str, **other: object) -> dict[str, Any]:
        body = {"url": self.receiver.url(path), "event_types": [OPENED]} | other
        shown: dict[str, Any] = (
            await self.service.call("POST", "/v1/webhooks", 201, caller=self.own, json=body)
        ).json()
        self.receiver.knows(path, shown["secret"])
        return shown

    async def happen(self, *events: Event) -> None:
        async with self.service.here.engine.begin() as conn:
            await feature.follow(conn, events, self.service.here)

    def sender(self, seconds: float = 1.0) -> Sender:
        poster = Poster(loopback=True, seconds=seconds)
        return Sender(self.service.here.engine, self.clock, b"\0" * 32, self.rules, poster)

    async def sent(self, sender: Sender | None = None) -> None:
        """Send until nothing may be sent now."""
        sender = sender or self.sender()
        while await sender.round():
            await sender.idle()

    async def deliveries(self, id_: str, query: str = "") -> list[dict[str, Any]]:
        answer = await self.service.call("GET", f"/v1/webhooks/{id_}/deliveries{query}", caller=self.own)
        found: list[dict[str, Any]] = answer.json()["items"]
        return found


@pytest.fixture
async def webhooks(service: Service, receiver: Receiver, clock: FixedClock) -> Webhooks:
    await service.connect(routes=TOLD)
    return Webhooks(service, receiver, clock)
