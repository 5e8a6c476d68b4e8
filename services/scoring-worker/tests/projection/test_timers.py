"""Deadlines that pass with no event."""

import asyncio
from datetime import UTC, datetime, timedelta

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events import Event
from cchc_shared.service.assembly import opened
from cchc_shared.service.timers import TimerLoop
from scoring_worker.bootstrap import FEATURES
from scoring_worker.projection.timers import OVERDUE, mark_overdue
from scoring_worker.settings import ScoringSettings
from tests.support.events import task_event
from tests.support.scoring import ScoringService

DUE = datetime(2026, 6, 2, 10, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)


def assigned(number: int, due_at: datetime = DUE) -> Event:
    return task_event(f"NV-{number}", at=DUE - timedelta(days=9), lead_unit="A", due_at=due_at)


async def counted(service: ScoringService) -> object:
    ((states,),) = await service.rows(
        "SELECT counts -> 'task.completion' FROM unit_count WHERE unit = 'A' AND period = '2026-06'"
    )
    return states


async def test_a_duty_is_overdue_from_its_due_time_on(
    service: ScoringService, settings: ScoringSettings, clock: FixedClock
) -> None:
    await service.apply([assigned(1)])
    async with opened("worker", settings, FEATURES, clock) as here, here.engine.begin() as conn:
        assert await mark_overdue(conn, DUE - INSTANT, here) == (0, None)
        assert await mark_overdue(conn, DUE, here) == (1, DUE)
        assert await mark_overdue(conn, DUE, here) == (0, None)
    assert await counted(service) == {"overdue": 1}


async def test_readers_see_it_before_the_worker_has_marked_it(service: ScoringService, clock: FixedClock) -> None:
    await service.apply([assigned(1)])
    clock.advance(DUE - clock.now())
    answer = (await service.get("/v1/scores/A", set="CCHC-CITY", period="2026-06")).json()
    given = answer["tree"][0]["children"][0]["children"][0]["inputs"][0]
    assert (given["pending"], given["overdue"]) == (0, 1)
    assert await counted(service) == {"pending": 1}


async def test_several_workers_mark_each_duty_once(
    service: ScoringService, settings: ScoringSettings, clock: FixedClock
) -> None:
    await service.apply([assigned(number, DUE + number * INSTANT) for number in range(2500)])
    clock.advance(timedelta(days=30))

    async def work() -> int:
        rounds = 0
        async with opened("worker", settings, FEATURES, clock) as here:
            loop = TimerLoop(here, (), (OVERDUE,), ())
            while await loop.round():
                rounds += 1
        return rounds

    assert sum(await asyncio.gather(work(), work(), work())) >= 3
    assert await counted(service) == {"overdue": 2500}
