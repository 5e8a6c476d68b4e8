"""A city whose reporting months close: its units, no tasks yet, in November 2026."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.timers import TimerLoop
from tasks_api.closings.feature import FEATURE
from tasks_api.units.service import Units
from tests.support.http import Headers, Json, Query
from tests.support.tasks import Api, Profile

from ..working import done

PATH = "/v1/progress/months"
LEAD, OTHER = "so-noi-vu", "so-tu-phap"
FIGURES = (
    "carried_over", "assigned", "received", "passed_on", "total", "due", "completed", "completed_late", "closed",
    "open", "overdue", "awaiting_approval", "no_deadline", "missed",
)  # fmt: skip


def midnight(year: int, month: int, day: int, minutes: int = 0) -> datetime:
    """When that day ends in Hanoi, and so many minutes later."""
    return datetime(year, month, day, 17, minutes, tzinfo=UTC)


CLOSED = midnight(2026, 12, 5, 5)
"""The fifth is over, and so are five minutes for what was still being written."""


class City:
    """The service with its clock, and readers of what it closes."""

    def __init__(self, api: Api, clock: FixedClock) -> None:
        self.api, self.clock = api, clock

    def move(self, to: datetime) -> None:
        self.clock.advance(to - self.clock.now())

    async def assign(self, **more: object) -> Json:
        task = {"title": "Báo cáo", "lead_unit": LEAD, "due_on": "2026-11-20"} | more
        answer = await self.api.send("POST", "/v1/tasks", self.api.coordinator, json=task)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def report(self, task: Json, lead: str = LEAD) -> None:
        for action in ("start", "report"):
            await done(self.api, task, action, self.api.officer(lead))

    async def approve(self, task: Json, lead: str = LEAD) -> None:
        await done(self.api, task, "approve", self.api.head(lead))
        await done(self.api, task, "approve", self.api.coordinator)

    def worker(self) -> TimerLoop:
        return TimerLoop(self.api.here, (), (), FEATURE.ticks)

    async def close(self, to: datetime = CLOSED) -> None:
        """Let the worker look at that time."""
        self.move(to)
        async with self.api.here.engine.begin() as conn:
            for tick in FEATURE.ticks:
                await tick.run(conn, to, self.api.here)

    async def get(self, month: str = "2026-11", who: Headers | None = None, **query: Query) -> httpx.Response:
        return await self.api.get(f"{PATH}/{month}", who or self.api.coordinator, **query)

    async def read(self, month: str = "2026-11", who: Headers | None = None, **query: Query) -> dict[str, Any]:
        answer = await self.get(month, who, **query)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def row(self, month: str = "2026-11", unit: str = LEAD) -> dict[str, int]:
        """The figures of a unit that are not zero."""
        rows = {row["unit"]: figures(row) for row in (await self.read(month))["items"]}
        return rows.get(unit, {})

    async def correct(
        self, month: str = "2026-11", who: Headers | None = None, reason: str = "Nhập muộn văn bản"
    ) -> httpx.Response:
        path = f"{PATH}/{month}/actions/correct"
        return await self.api.send("POST", path, who or self.api.coordinator, json={"reason": reason})


def figures(row: Json) -> dict[str, int]:
    """Those that are not zero."""
    return {name: row[name] for name in FIGURES if row[name]}


@pytest.fixture
async def city(api: Api, profile: Profile, clock: FixedClock) -> City:
    await api.here.use(Units).add_missing(profile.units)
    city = City(api, clock)
    city.move(datetime(2026, 11, 2, 3, tzinfo=UTC))
    return city
