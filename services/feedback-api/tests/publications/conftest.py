"""A city whose months close, and what statistics say of the same days."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.publications.publishing import Publishing

from ..conftest import People, Service

PATH = "/v1/publications/feedback"
CLOSED = datetime(2026, 12, 5, 17, 5, tzinfo=UTC)
"""The fifth is over in Hanoi, and so are five minutes for what was still being written."""
FIGURES = (
    "received",
    "resolved",
    "on_time",
    "late",
    "overdue_open",
    "missed",
    "on_time_rate",
    "satisfied_rate",
    "reopened",
)
Rows = dict[tuple[str, str | None], dict[str, Any]]


class City:
    """The service with its clock, and readers of what it publishes."""

    def __init__(self, service: Service, people: People, clock: FixedClock) -> None:
        self.service = service
        self.people = people
        self.clock = clock

    async def send(self, **body: object) -> str:
        answer = await self.service.post({"channel": "hotline"} | body, **self.people["system"])
        assert answer.status_code in {200, 201}, answer.text
        return str(answer.json()["code"])

    def move(self, to: datetime) -> None:
        self.clock.advance(to - self.clock.now())

    async def close(self) -> None:
        """What the worker does once a minute."""
        async with self.service.here.engine.begin() as conn:
            await self.service.here.use(Publishing).close_due(conn)

    async def read(self, month: str = "2026-11", unit: str | None = None, **query: int) -> dict[str, Any]:
        of = "" if unit is None else f"/units/{unit}"
        answer = await self.service.client.get(f"{PATH}/{month}{of}.json", params=query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def correct(self, month: str = "2026-11", reason: str = "Kênh chuyển muộn") -> httpx.Response:
        path = f"{PATH}/{month}/versions"
        return await self.service.client.post(path, json={"reason": reason}, headers=self.people["desk"])

    async def counted(self, sheet: dict[str, Any], table: str, period: str, **query: str) -> Rows:
        """The statistics of the same days, by code; rows without any report are left out, as on no sheet."""
        first = f"{sheet['month'] if period == 'month' else sheet['month'][:4] + '-01'}-01"
        asked = {"from": first, "to": sheet["as_of"], "as_of": sheet["as_of"], "known_at": sheet["known_at"]} | query
        by = {} if table == "total" else {"group_by": table}
        path = "/v1/statistics/feedback"
        answer = await self.service.client.get(path, params=asked | by, headers=self.people["desk"])
        assert answer.status_code == 200, answer.text
        return {(table, row.get(table)): {name: row[name] for name in FIGURES} for row in answer.json()["rows"]}


def rows(sheet: dict[str, Any], table: str, period: str) -> Rows:
    """Rows of a table of a sheet, but for those of zeros, which statistics do not have."""
    listed = [sheet["total"]] if table == "total" else sheet[f"by_{table}"]
    found = {(table, row["code"]): row[period] for row in listed}
    return {key: figures for key, figures in found.items() if table == "total" or any(figures.values())}


@pytest.fixture
def city(service: Service, people: People, clock: FixedClock) -> City:
    return City(service, people, clock)
