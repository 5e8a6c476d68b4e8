"""A city whose months of dossiers close, and what is published of them."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.publications.publishing import Publishing

from ..conftest import Service

PATH = "/v1/publications/dossiers"
CLOSED = datetime(2026, 12, 5, 17, 5, tzinfo=UTC)
"""The fifth is over in Hanoi, and so are five minutes for what was still being written."""


class City:
    """The service with its clock, and readers of what it publishes."""

    def __init__(self, service: Service, clock: FixedClock) -> None:
        self.service = service
        self.clock = clock
        self.desk = service.tokens(sub="desk-1", roles=["coordinator"])

    async def say(self, *items: dict[str, Any]) -> None:
        """All of it is taken."""
        results = await self.service.send(*items)
        assert {each["status"] for each in results} <= {"accepted", "duplicate"}, results

    def move(self, to: datetime) -> None:
        self.clock.advance(to - self.clock.now())

    async def close(self, at: datetime = CLOSED) -> None:
        """What the worker does once a minute."""
        self.move(at)
        async with self.service.here.engine.begin() as conn:
            await self.service.here.use(Publishing).close_due(conn)

    async def read(self, month: str = "2026-11", unit: str | None = None, **query: int) -> dict[str, Any]:
        of = "" if unit is None else f"/units/{unit}"
        answer = await self.service.client.get(f"{PATH}/{month}{of}.json", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def correct(
        self, month: str = "2026-11", reason: str = "Hệ thống gửi muộn", caller: Mapping[str, str] | None = None
    ) -> httpx.Response:
        path = f"{PATH}/{month}/versions"
        return await self.service.client.post(path, json={"reason": reason}, headers=caller or self.desk)


@pytest.fixture
def city(service: Service, clock: FixedClock) -> City:
    return City(service, clock)
