"""A month closes by itself, once, as of its day; what was closed stays."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.files.settings import TakingSettings
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Tick, TimerLoop
from tasks_api.bootstrap import build_worker
from tasks_api.closings.feature import FEATURE
from tasks_api.closings.models import closed_months

from .conftest import CLOSED, LEAD, OTHER, PATH, City, figures, midnight

NEW = {"assigned": 1, "total": 1, "due": 1}


async def test_it_waits_for_its_day_and_says_when_that_is(city: City) -> None:
    await city.assign()
    await city.close(CLOSED - timedelta(seconds=1))
    early = await city.get()
    assert (early.status_code, early.json()["code"]) == (404, "month-not-closed")
    assert early.json()["closes_at"] == "2026-12-05T17:00:00+00:00"
    assert "05/12/2026" in early.json()["detail"]
    before_the_rule = await city.get("2026-10")
    assert (before_the_rule.status_code, "closes_at" in before_the_rule.json()) == (404, False)
    city.move(CLOSED)
    assert "đang được chốt" in (await city.get()).json()["detail"]
    await city.close()
    sheet = await city.read()
    assert (sheet["version"], sheet["as_of"], sheet["known_at"]) == (1, "2026-11-30", "2026-12-05T17:00:00Z")
    assert (sheet["rule"], sheet["reason"], sheet["carried_from"]) == ("month-day-5", None, None)
    assert [(row["unit"], row["name"]) for row in sheet["items"]] == [(LEAD, "Sở Nội vụ")]
    assert figures(sheet["items"][0]) == figures(sheet["total"]) == NEW | {"open": 1, "overdue": 1}
    assert sheet["total"]["rate"]["text"] == "0/1 = 0.00 %"
    listed = (await city.api.get(PATH, city.api.coordinator)).json()["items"]
    assert [(each["month"], [one["sha256"] for one in each["versions"]]) for each in listed] == [
        ("2026-11", [sheet["sha256"]])
    ]


async def test_a_month_of_hanoi_is_not_one_of_utc(city: City) -> None:
    """Six hours of the first of December in Hanoi are the thirtieth of November in UTC."""
    city.move(midnight(2026, 11, 30) - timedelta(microseconds=1))
    await city.assign(due_on="2026-11-30")
    city.move(midnight(2026, 11, 30))
    await city.assign(due_on="2026-12-01")
    await city.close()
    assert await city.row() == NEW | {"open": 1, "overdue": 1}
    await city.close(midnight(2027, 1, 5, 5))
    december = await city.row("2026-12")
    assert december == {"carried_over": 1, "assigned": 1, "total": 2, "due": 1, "open": 2, "overdue": 2}


async def test_a_report_of_the_month_counts_when_its_approval_is_known_at_the_closing(city: City) -> None:
    soon, later, next_month = [await city.assign() for _ in range(3)]
    city.move(midnight(2026, 11, 20) - timedelta(microseconds=1))
    await city.report(later)
    city.move(midnight(2026, 11, 20))  # the first instant that is late
    await city.report(soon)
    city.move(midnight(2026, 11, 30))  # the first instant of December
    await city.report(next_month)
    city.move(midnight(2026, 12, 4))
    await city.approve(soon)
    await city.approve(next_month)
    await city.close()
    november = {
        "assigned": 3, "total": 3, "due": 3, "completed": 1, "completed_late": 1, "open": 2, "overdue": 1,
        "awaiting_approval": 1,
    }  # fmt: skip
    assert await city.row() == november
    await city.approve(later)
    await city.close(midnight(2027, 1, 5, 5))
    assert await city.row() == november
    assert await city.row("2026-12") == {"carried_over": 2, "total": 2, "completed": 2, "completed_late": 1}


async def test_what_passed_on_is_told_from_both_sides_and_missed_by_who_missed_it(city: City) -> None:
    early, late, dropped = [await city.assign() for _ in range(3)]
    for task, day in ((early, 10), (late, 25)):
        city.move(midnight(2026, 11, day))
        body = {"unit": OTHER, "reason": "Đúng thẩm quyền"}
        seen = (await city.api.get(f"/v1/tasks/{task['code']}", city.api.coordinator)).json()
        passed = await city.api.act(seen, "transfer", city.api.head(LEAD), **body)
        assert passed.status_code == 200, passed.text
    answer = await city.api.act(dropped, "close", city.api.coordinator, reason="Không còn cần")
    assert answer.status_code == 200, answer.text
    await city.close()
    assert await city.row() == {"assigned": 3, "passed_on": 2, "total": 1, "due": 1, "closed": 1, "missed": 2}
    given = await city.row(unit=OTHER)
    assert (given["received"], given["total"], given["open"]) == (2, 2, 2)
    sheet = await city.read()
    assert (sheet["total"]["total"], sheet["total"]["assigned"], sheet["total"]["missed"]) == (3, 3, 2)


async def test_what_is_entered_late_changes_the_past_but_not_what_was_closed(city: City) -> None:
    """A plan counts since its day of issue: once it is imported, live progress of that day is another. In the closed
    months it is new when it became known."""
    plan = {
        "document_no": "9/KH-UBND", "issued_on": "2026-11-10", "title": "Kế hoạch",
        "issuer": "UBND Thành phố Hà Nội",
    }  # fmt: skip
    rows = "TT\tNhiệm vụ\tCơ quan chủ trì\tThời gian\n1\tRà soát\tSở Nội vụ\t30/11/2026\n"
    await city.assign()
    await city.close()
    before = (await city.get()).json()
    live = await city.api.get("/v1/progress", city.api.coordinator, by="unit", as_of="2026-11-30")
    imported = await city.api.send(
        "POST", "/v1/plans/import", city.api.coordinator, data=plan, files={"file": ("a.txt", rows.encode())}
    )
    assert imported.status_code == 201, imported.text
    city.clock.advance(timedelta(days=1))
    now = await city.api.get("/v1/progress", city.api.coordinator, by="unit", as_of="2026-11-30")
    assert (live.json()["total"]["total"], now.json()["total"]["total"]) == (1, 2)
    assert (await city.get()).json() == before
    await city.close(midnight(2027, 1, 5, 5))
    assert await city.row("2026-12") == {"carried_over": 1, "assigned": 1, "total": 2, "open": 2, "overdue": 2}


async def test_three_months_without_a_worker_are_three_closings_as_of_their_times(city: City) -> None:
    first = await city.assign()
    city.move(datetime(2026, 12, 10, 3, tzinfo=UTC))
    await city.report(first)
    await city.approve(first)
    await city.assign(due_on="2027-01-15")
    city.move(midnight(2027, 2, 20))
    for _ in range(5):
        await city.close(city.clock.now())
    listed = (await city.api.get(PATH, city.api.coordinator)).json()["items"]
    assert [each["month"] for each in listed] == ["2027-01", "2026-12", "2026-11"]
    assert [each["versions"][0]["known_at"] for each in listed] == [
        "2027-02-05T17:00:00Z", "2027-01-05T17:00:00Z", "2026-12-05T17:00:00Z",
    ]  # fmt: skip
    assert await city.row("2026-11") == NEW | {"open": 1, "overdue": 1}
    assert await city.row("2026-12") == {
        "carried_over": 1, "assigned": 1, "total": 2, "completed": 1, "completed_late": 1, "open": 1,
    }  # fmt: skip
    assert await city.row("2027-01") == {"carried_over": 1, "total": 1, "due": 1, "open": 1, "overdue": 1}


async def _killed(conn: AsyncConnection, slot: datetime, here: Context) -> None:
    """Dies after all was written and before the commit."""
    await FEATURE.ticks[0].run(conn, slot, here)
    raise ConnectionError


async def test_many_workers_one_of_them_killed_close_a_month_once(city: City) -> None:
    await city.assign()
    tick = FEATURE.ticks[0]
    killed = TimerLoop(city.api.here, (), (), [Tick(tick.kind, tick.every, _killed)])
    loops = [killed, *(city.worker() for _ in range(3))]
    await loops[1].round()  # a tick that is new begins with the next slot
    city.move(CLOSED)
    await killed.round()
    assert (await city.get()).status_code == 404
    for _ in range(3):
        await asyncio.gather(*(loop.round() for loop in loops), city.close(city.clock.now()))
        city.clock.advance(timedelta(minutes=1))
    async with city.api.here.engine.connect() as conn:
        made = (await conn.execute(select(closed_months.c.month, closed_months.c.version))).all()
    assert [tuple(row) for row in made] == [("2026-11", 1)]


async def test_the_worker_does_it_by_itself(city: City, settings: TakingSettings) -> None:
    await city.assign()
    worker = build_worker(settings, city.clock)
    async with worker.router.lifespan_context(worker), asyncio.timeout(30):
        city.move(CLOSED)
        while (await city.get()).status_code == 404:
            city.clock.advance(timedelta(minutes=1))
            await asyncio.sleep(0.05)


async def test_the_database_refuses_to_change_what_was_closed(city: City) -> None:
    await city.close()
    forged = {
        "month": "2026-10", "version": 1, "document": "{}", "sha256": "0" * 64, "known_at": CLOSED, "closed_at": CLOSED,
    }  # fmt: skip
    for statement in (
        update(closed_months).values(reason="x"),
        delete(closed_months),
        text("TRUNCATE closed_months"),
        insert(closed_months).values(**forged),
    ):
        with pytest.raises(DBAPIError):
            async with city.api.here.engine.begin() as conn:
                await conn.execute(statement)
