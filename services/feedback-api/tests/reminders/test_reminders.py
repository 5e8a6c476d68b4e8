"""Due soon and overdue are events when they happen, exactly once, on a real database."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events.feedback import FeedbackDueSoon, FeedbackOverdue
from feedback_api.bootstrap import build_worker
from feedback_api.metadata import outbox
from feedback_api.reminders.service import Reminding
from feedback_api.settings import FeedbackSettings

from ..conftest import HOME_AFFAIRS, People, Service

TYPES = (FeedbackDueSoon.TYPE, FeedbackOverdue.TYPE)


async def look(service: Service, clock: FixedClock) -> None:
    async with service.here.engine.begin() as conn:
        await service.here.use(Reminding).run(conn, clock.now())


async def said(service: Service) -> list[tuple[str, int]]:
    """Kind and version of what was said, in order."""
    query = select(outbox.c.type, outbox.c.aggregateversion).where(outbox.c.type.in_(TYPES)).order_by(outbox.c.seq)
    return [(row.type.split(".")[-2], row.aggregateversion) for row in await service.rows(query)]


async def get(service: Service, people: People, code: str, what: str = "") -> dict[str, Any]:
    return dict((await service.client.get(f"/v1/feedback/{code}{what}", headers=people["desk"])).json())


async def test_it_is_said_as_of_the_due_time_however_late(service: Service, people: People, clock: FixedClock) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})).json()["code"]
    await look(service, clock)
    assert await said(service) == []
    clock.advance(timedelta(hours=9))
    await look(service, clock)
    assert await said(service) == [("due_soon", 1)]
    clock.advance(timedelta(days=30))
    await look(service, clock)
    await look(service, clock)
    assert await said(service) == [("due_soon", 1), ("overdue", 2), ("overdue", 3)]
    report, told = await get(service, people, code), (await get(service, people, code, "/clocks"))["reminders"]
    assert [(each["clock"], each["overdue"], each["at"]) for each in told[1:]] == [
        ("acceptance", True, report["accept_due_at"]),
        ("resolution", True, report["resolve_due_at"]),
    ]
    assert (report["version"], report["status"]) == (1, "received")  # nobody who works on it is disturbed


async def test_two_who_look_at_once_say_it_once(service: Service, clock: FixedClock) -> None:
    for _ in range(20):
        await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})
    clock.advance(timedelta(days=30))
    await asyncio.gather(*(look(service, clock) for _ in range(4)))
    await look(service, clock)
    assert sorted(await said(service)) == [("overdue", 1)] * 20 + [("overdue", 2)] * 20


async def test_who_is_handed_a_report_is_told_of_its_own_time_and_of_the_promise(
    service: Service, people: People, clock: FixedClock
) -> None:
    code = (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})).json()["code"]
    clock.advance(timedelta(days=2))
    assert (await service.act(code, "assign", people["desk"], 1)).status_code == 200
    clock.advance(timedelta(days=30))
    await look(service, clock)
    told = (await get(service, people, code, "/clocks"))["reminders"]
    assert [each["clock"] for each in told] == ["acceptance", "promise", "resolution"]
    rows = await service.rows(select(outbox.c.payload).where(outbox.c.type == FeedbackOverdue.TYPE))
    assert {row.payload["unit"] for row in rows} == {HOME_AFFAIRS}


@pytest.mark.parametrize("answered", [True, False])
async def test_a_report_of_an_older_instance_is_looked_at(
    service: Service, people: People, clock: FixedClock, answered: bool
) -> None:
    """It writes no time to look again; the database does."""
    code = (await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})).json()["code"]
    async with service.here.engine.begin() as conn:
        done = ", answered_at = received_at, status = 'answered'" if answered else ""
        await conn.execute(text(f"UPDATE feedback SET remind_at = received_at{done}"))
    await look(service, clock)
    (row,) = await service.rows(text("SELECT version, remind_at FROM feedback"))
    assert row.version == 1
    assert (row.remind_at is None) == answered
    assert await said(service) == []
    assert (await get(service, people, code))["version"] == 1


async def test_the_worker_says_it_by_itself(service: Service, settings: FeedbackSettings, clock: FixedClock) -> None:
    await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})
    clock.advance(timedelta(days=30))
    worker = build_worker(settings, clock)
    async with worker.router.lifespan_context(worker), asyncio.timeout(30):
        while len(await said(service)) < 2:  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.05)
