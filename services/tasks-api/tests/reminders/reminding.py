"""What the tests of reminders do: tasks over HTTP, workers, and a look into the inboxes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.timers import TimerLoop
from tasks_api.notifications.models import notifications
from tasks_api.reminders.timers import REMINDING
from tests.support.http import Json
from tests.support.tasks import Api

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LEAD, OTHER, CITY = "so-noi-vu", "so-tu-phap", "01"
STEPS = {
    7: {"officer"},
    3: {"officer", "unit_head"},
    1: {"officer", "unit_head"},
    0: {"officer", "unit_head"},
    -1: {"officer", "unit_head", "coordinator"},
    -7: {"unit_head", "coordinator"},
    -30: {"unit_head", "coordinator"},
}
"""Days before the last day, and who is told: officers and head of the lead, then the assigning unit's co-ordinators."""


async def assigned(api: Api, due_on: str | None = "2024-06-28", **more: object) -> Json:
    body = {"title": "Rà soát thủ tục hành chính", "lead_unit": LEAD, "due_on": due_on} | more
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def at(day: str | date, hour: int = 7, minute: int = 30) -> datetime:
    """That time of the day in Hanoi."""
    day = date.fromisoformat(day) if isinstance(day, str) else day
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=HANOI)


def set_to(clock: FixedClock, then: datetime) -> None:
    """It is then."""
    clock.advance(then - clock.now())


def steps_of(due_on: date) -> dict[int, datetime]:
    """When each step of a last day comes."""
    return {days: at(due_on - timedelta(days=days)) for days in STEPS}


async def swept(api: Api) -> None:
    """One worker, until there is nothing left to do."""
    loop = TimerLoop(api.here, (REMINDING,), (), ())
    while await loop.round():
        pass
    assert loop.health().ready


async def reminders(api: Api, code: str) -> Sequence[Row[Any]]:
    """What was said of the last days of a task, in order."""
    query = select(notifications).where(notifications.c.subject == code, notifications.c.days.is_not(None))
    async with api.here.engine.connect() as conn:
        return (await conn.execute(query.order_by(notifications.c.id))).all()


async def said(api: Api, code: str) -> list[tuple[str, int]]:
    """Last day and step of each reminder, once for all who were told."""
    return list(dict.fromkeys((row.due_on.isoformat(), row.days) for row in await reminders(api, code)))
