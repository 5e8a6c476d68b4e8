"""What the tests of recurring tasks do over HTTP, and with workers."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.timers import TimerLoop
from tasks_api.metadata import outbox
from tasks_api.occurrences.timers import ASSIGNING
from tests.support.tasks import Api

LEAD, OTHER = "so-noi-vu", "so-tu-phap"
TASK = {"title": "Báo cáo cải cách hành chính", "lead_unit": LEAD, "due_text": "Ngày 20 hằng tháng"}


def at(clock: FixedClock, year: int, month: int, day: int, hour: int = 3, minute: int = 0) -> None:
    """Set the clock to an instant in UTC: 17:00 is midnight in Hanoi."""
    clock.advance(datetime(year, month, day, hour, minute, tzinfo=UTC) - clock.now())


def worker(here: Context) -> TimerLoop:
    return TimerLoop(here, (), (ASSIGNING,), ())


async def swept(api: Api) -> None:
    """One worker, until there is nothing left to do."""
    loop = worker(api.here)
    while await loop.round():
        pass


async def assign(api: Api, **more: object) -> dict[str, Any]:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def seen(api: Api, code: str) -> dict[str, Any]:
    answer = await api.get(f"/v1/tasks/{code}", api.coordinator)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def days(api: Api, code: str) -> list[str]:
    """What stands behind the code of the task in those of its children."""
    return [child.removeprefix(f"{code}.") for child in (await seen(api, code))["children"]]


async def act(api: Api, code: str, action: str, who: dict[str, str], **body: object) -> httpx.Response:
    return await api.act(await seen(api, code), action, who, **body)


async def done(api: Api, code: str, *, lead: str = LEAD) -> None:
    """The task, from its start to its completion."""
    for action, who in (
        ("start", api.officer(lead)),
        ("report", api.officer(lead)),
        ("approve", api.head(lead)),
        ("approve", api.coordinator),
    ):
        answer = await act(api, code, action, who)
        assert answer.status_code == 200, answer.text


async def assigned(api: Api, parent: str) -> Sequence[tuple[str, datetime]]:
    """The occurrences in the outbox, and as of when each was assigned."""
    query = select(outbox.c.aggregateid, outbox.c.occurred_at).where(
        outbox.c.type == "vn.hanoi.cchc.task.assigned.v1", outbox.c.aggregateid.startswith(f"{parent}.")
    )
    async with api.here.engine.connect() as conn:
        rows = (await conn.execute(query.order_by(outbox.c.occurred_at, outbox.c.aggregateid))).all()
    return [(row.aggregateid.removeprefix(f"{parent}."), row.occurred_at) for row in rows]
