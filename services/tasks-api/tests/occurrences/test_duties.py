"""Recurring work from its assignment to the score, over half a year in which workers are killed: every occurrence is
assigned once, has a last day of its own, is counted once, and is one duty of its unit."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.events.registry import decode
from scoring_worker.facts.domain import Duty, DutyState
from scoring_worker.projection.fold import Fold
from tasks_api.metadata import outbox
from tests.support.events import event_of
from tests.support.tasks import Api

from ..any_order import define_units, quiet
from .recurring import LEAD, act, assign, at, done, seen, swept, worker
from .test_exactly_once import killed

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST = date(2024, 6, 3)
END = date(2024, 12, 31)


def fridays() -> Iterator[date]:
    yield from (date(2024, 6, 7) + timedelta(weeks=each) for each in range(60))


def twentieths() -> Iterator[date]:
    yield from (date(2024 + month // 12, month % 12 + 1, 20) for month in range(5, 24))


def quarters() -> Iterator[date]:
    yield from (date(2024, 6, 30), date(2024, 9, 30), date(2024, 12, 31), date(2025, 3, 31))


RHYTHMS = {"Thứ sáu hằng tuần": fridays, "Ngày 20 hằng tháng": twentieths, "Hằng quý": quarters}


def begun(text: str, today: date) -> list[date]:
    """The last days of what has begun by then: each begins when the one before it is over."""
    found: list[date] = []
    for day in RHYTHMS[text]():
        if found and found[-1] >= today:
            break
        found.append(day)
    return found


def end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), HANOI)


async def duties_of(api: Api, now: datetime) -> dict[str, list[Duty]]:
    """What the scoring worker makes of all events, in the order in which they were written, by task."""
    columns = (outbox.c.aggregateid, outbox.c.aggregateversion, outbox.c.type, outbox.c.payload, outbox.c.occurred_at)
    query = select(*columns).where(outbox.c.type.contains(".task.")).order_by(outbox.c.xid, outbox.c.seq)
    async with api.here.engine.connect() as conn:
        rows = (await conn.execute(query)).all()
    found: dict[str, dict[int, Duty]] = {}
    for code, version, type_, payload, occurred_at in rows:
        known = found.setdefault(code, {})
        event = event_of(decode(type_, json.dumps(payload)), code, version, occurred_at)
        fold = Fold([duty for duty in known.values() if duty.ended_at is None], timezone=HANOI, now=now)
        fold.apply(event, event.aggregate)
        known |= {duty.opened_version: duty for duty in fold.opened}
    return {code: list(duties.values()) for code, duties in found.items()}


class HalfAYear:
    """Three recurring tasks. `completed` says whether each occurrence that was done was reported in time."""

    def __init__(self, api: Api, clock: FixedClock, number: int) -> None:
        self.api, self.clock = api, clock
        self.choose = random.Random(number)  # noqa: S311 - it chooses what is tried
        self.parents: dict[str, str] = {}
        self.completed: dict[str, bool] = {}

    @property
    def today(self) -> date:
        return self.clock.now().astimezone(HANOI).date()

    def expected(self) -> dict[str, date]:
        """The occurrences that there must be, with their last days."""
        return {
            f"{code}.{day}": day for code, text in self.parents.items() for day in begun(text, self.today)
        }  # fmt: skip

    async def run(self) -> None:
        at(self.clock, FIRST.year, FIRST.month, FIRST.day)
        for text in RHYTHMS:
            self.parents[(await assign(self.api, due_text=text))["code"]] = text
        while self.today < END:
            self.clock.advance(timedelta(days=self.choose.choice([3, 8, 17, 33])))
            loops = [killed(self.api.here), *(worker(self.api.here) for _ in range(2))]
            await asyncio.gather(*(loop.round() for loop in self.choose.sample(loops, self.choose.randint(1, 3))))
            await swept(self.api)
            await self.compare()
            await self.complete_some()
        await self.count()

    async def complete_some(self) -> None:
        """As of now: in time or late."""
        left = sorted(self.expected().keys() - self.completed.keys())
        for code in self.choose.sample(left, min(2, len(left))):
            self.completed[code] = self.clock.now() < end_of(self.expected()[code])
            await done(self.api, code)

    async def compare(self) -> None:
        """The parents list exactly the occurrences that have begun, and are under way once one of them is; each
        occurrence has its own day, and no parent has one."""
        expected = self.expected()
        for code, text in self.parents.items():
            parent = await seen(self.api, code)
            assert parent["children"] == [f"{code}.{day}" for day in begun(text, self.today)]
            under_way = any(each.startswith(code) for each in self.completed)
            status = "in_progress" if under_way else "not_started"
            assert (parent["status"], parent["due_on"], parent["overdue"]) == (status, None, False)
        for code, day in expected.items():
            task = await seen(self.api, code)
            assert (task["due_on"], datetime.fromisoformat(task["due_at"])) == (str(day), end_of(day))
            assert task["status"] == ("completed" if code in self.completed else "not_started")

    async def count(self) -> None:
        """Progress and score say the same of each occurrence, and nothing of the tasks above them."""
        now, expected, stood = self.clock.now(), self.expected(), Counter[str]()
        duties = await duties_of(self.api, now)
        for code, day in expected.items():
            in_time = self.completed.get(code)
            late = {True: DutyState.ON_TIME, False: DutyState.LATE}
            open_ = DutyState.OVERDUE if now >= end_of(day) else DutyState.PENDING
            # It ends with a report in time, which is nobody's to hurry with, and is there again when that is approved.
            [duty] = [each for each in duties[code] if each.ended_at is None]
            state = open_ if in_time is None else late[in_time]
            assert (duty.unit, duty.due_at, duty.state_now(now)) == (LEAD, end_of(day), state), code
            stood[state] += 1
        assert not any(duties.get(code) for code in self.parents), "recurring work itself is nobody's duty"
        by_unit = await self.progress("unit")
        assert (by_unit["total"], by_unit["completed"]) == (len(expected), len(self.completed))
        assert by_unit["overdue"] == stood[DutyState.OVERDUE]
        assert (await self.progress("plan"))["total"] == len(self.parents), "by the others each counts once"

    async def progress(self, by: str) -> dict[str, Any]:
        answer = await self.api.get("/v1/progress", self.api.coordinator, by=by)
        assert answer.status_code == 200, answer.text
        return dict(answer.json()["total"])


async def test_every_occurrence_is_a_duty_of_its_own(api: Api, clock: FixedClock) -> None:
    await define_units(api, {"01": "province", LEAD: "department"})
    with quiet():
        story = HalfAYear(api, clock, 1)
        await story.run()
        for code in story.parents:
            assert (await act(api, code, "close", api.coordinator, reason="Thôi")).status_code == 200
        before = set(story.expected())
        clock.advance(timedelta(days=40))
        await swept(api)
        after = {child for code in story.parents for child in (await seen(api, code))["children"]}
    assert after == before, "what has ended has no more occurrences"
