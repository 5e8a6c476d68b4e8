"""Events that are applied as the worker applies them, and streams that are read as browsers read them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import pytest

from cchc_shared.contract.codes import DossierChannel, DossierStatus
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.dossier import DossierOpened, DossierReassigned
from notify.live import feature

from ..conftest import HOME_AFFAIRS, NOW, Service

OPENED = DossierOpened.TYPE


class Message(NamedTuple):
    """One message, or a change of the position alone."""

    id: str
    type: str
    data: str


def read(text: str) -> Iterator[Message]:
    """What a client makes of a stream (WHATWG HTML, 9.2.6): its last id goes on, and what does not end is dropped."""
    last = ""
    for block in text.split("\n\n")[:-1]:
        fields: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
        last = fields.get("id", last)
        yield Message(last, fields.get("event", ""), fields.get("data", ""))


def opened(code: str, unit: str = HOME_AFFAIRS) -> Event:
    data = DossierOpened(
        code=code, procedure="1.001", unit=unit, channel=DossierChannel.COUNTER, status=DossierStatus.REGISTERED
    )
    return new_event(data, subject=code, version=1, occurred_at=NOW, recorded_at=NOW)


def passed_on(code: str, unit: str, to_unit: str) -> Event:
    data = DossierReassigned(
        code=code,
        procedure="1.001",
        unit=to_unit,
        from_unit=unit,
        to_unit=to_unit,
        channel=DossierChannel.COUNTER,
        status=DossierStatus.REGISTERED,
    )
    return new_event(data, subject=code, version=2, occurred_at=NOW, recorded_at=NOW)


class Live:
    """What happens, and what a caller is told of it."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.officer = service.tokens(sub="officer-1", roles=["officer"], unit=HOME_AFFAIRS)

    async def happen(self, *events: Event) -> None:
        async with self.service.here.engine.begin() as conn:
            await feature.follow(conn, events, self.service.here)

    async def messages(
        self, query: str = "", *, caller: Mapping[str, str] | None = None, last: str | None = None
    ) -> Sequence[Message]:
        """All messages that there are now, those that only move the position included."""
        answer = await self.service.call(
            "GET",
            f"/v1/events?seconds=0{query}",
            caller={**(caller or self.officer), **({} if last is None else {"Last-Event-ID": last})},
        )
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(read(answer.text))

    async def ids(self, query: str = "", **given: object) -> list[str]:
        """Ids of the events."""
        return [each.id for each in await self.messages(query, **given) if each.data]  # type: ignore[arg-type]


@pytest.fixture
def live(service: Service) -> Live:
    return Live(service)
