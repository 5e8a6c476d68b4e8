"""Each step of a last day is said once, as of its time, to whom it is for, whatever crashes and however late."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Timer, TimerLoop
from cchc_shared.storage.timers import Due
from tasks_api.metadata import METADATA
from tasks_api.notifications.models import notifications
from tasks_api.reminders.timers import REMINDING, remind, set_missing
from tasks_api.tasks.models import tasks
from tasks_api.tasks.timers import REMINDER
from tests.support.tasks import Api

from .reminding import CITY, LEAD, OTHER, STEPS, assigned, at, reminders, said, set_to, swept

TIMER = METADATA.tables["timer"]
THOUSAND = 1000


async def test_officer_then_head_then_assigning_unit_each_step_at_its_time(city: Api, clock: FixedClock) -> None:
    task = await assigned(city)
    told = dict[int, set[tuple[str, str]]]()
    for day in range(70):
        set_to(clock, at(date(2024, 6, 3) + timedelta(days=day), 10, 0))
        await swept(city)
    for row in await reminders(city, task["code"]):
        assert row.at == at(row.due_on - timedelta(days=row.days))
        assert row.to_mail, "nothing was missed"
        told.setdefault(row.days, set()).add((row.unit, row.role))
    assert told == {
        days: {(CITY if role == "coordinator" else LEAD, role) for role in roles} for days, roles in STEPS.items()
    }


async def test_nothing_is_said_before_its_time_nor_at_it_again(city: Api, clock: FixedClock) -> None:
    task = await assigned(city)
    set_to(clock, at("2024-06-21") - timedelta.resolution)
    await swept(city)
    assert await said(city, task["code"]) == []
    set_to(clock, at("2024-06-21"))
    await swept(city)
    await swept(city)
    assert await said(city, task["code"]) == [("2024-06-28", 7)]


async def test_what_is_due_sooner_than_a_step_is_not_reminded_of_it(city: Api, clock: FixedClock) -> None:
    task = await assigned(city, "2024-06-05")
    set_to(clock, at("2024-06-05"))
    await swept(city)
    assert await said(city, task["code"]) == [("2024-06-05", 1), ("2024-06-05", 0)]


async def test_an_outage_is_caught_up_and_a_mail_is_made_of_the_last_step_alone(city: Api, clock: FixedClock) -> None:
    task = await assigned(city)
    set_to(clock, at("2024-06-24", 17, 0))
    await swept(city)
    set_to(clock, at("2024-06-28", 9, 0))  # the steps of 25, 27 and 28 June
    await swept(city)
    rows = [row for row in await reminders(city, task["code"]) if row.days < 7]
    assert {(row.days, row.at) for row in rows} == {(n, at(date(2024, 6, 28) - timedelta(n))) for n in (3, 1, 0)}
    assert {row.recorded_at for row in rows} == {clock.now()}
    assert {row.days for row in rows if row.to_mail} == {0}


async def test_what_is_reported_or_ended_is_not_reminded_of(city: Api, clock: FixedClock) -> None:
    reported, closed = await assigned(city), await assigned(city)
    begun = (await city.act(reported, "start", city.officer(LEAD))).json()
    waiting = (await city.act(begun, "report", city.officer(LEAD))).json()
    await city.act(closed, "close", city.coordinator, reason="Không còn cần thiết")
    set_to(clock, at("2024-06-26"))
    await swept(city)
    assert await said(city, reported["code"]) == await said(city, closed["code"]) == []
    answer = await city.act(waiting, "reject", city.head(LEAD), reason="Thiếu minh chứng")
    assert answer.status_code == 200, answer.text
    set_to(clock, at("2024-06-27"))
    await swept(city)
    assert await said(city, reported["code"]) == [("2024-06-28", 1)], "of the steps since the rejection"


async def test_a_new_date_is_reminded_of_and_the_new_lead_is_told(city: Api, clock: FixedClock) -> None:
    task = await assigned(city)
    set_to(clock, at("2024-06-25"))
    await swept(city)
    set_to(clock, at("2024-06-26"))
    moved = await city.act(
        task, "transfer", city.coordinator, unit=OTHER, due_on="2024-07-05", reason="Đúng chức năng hơn"
    )
    assert moved.status_code == 200, moved.text
    set_to(clock, at("2024-06-28", 9, 0))
    await swept(city)
    assert await said(city, task["code"]) == [("2024-06-28", 7), ("2024-06-28", 3), ("2024-07-05", 7)]
    last = (await reminders(city, task["code"]))[-1]
    assert (last.unit, last.role) == (OTHER, "officer")
    inbox = (await city.get("/v1/notifications", city.officer(OTHER))).json()["items"]
    assert [(item["kind"], item["due_on"]) for item in inbox if item["subject"] == task["code"]] == [
        ("task_reminder", "2024-07-05"),
        ("task_handed_over", "2024-07-05"),
    ]


async def test_what_came_back_to_the_assigning_unit_reminds_its_office(city: Api, clock: FixedClock) -> None:
    task = await assigned(city)
    answer = await city.act(task, "return", city.officer(LEAD), reason="out_of_competence")
    assert answer.status_code == 200, answer.text
    set_to(clock, at("2024-06-21"))
    await swept(city)
    assert {(row.unit, row.role) for row in await reminders(city, task["code"])} == {
        (CITY, "officer"),
        (CITY, "coordinator"),
    }


async def test_of_a_task_of_many_units_each_unit_is_reminded_and_its_parent_is_not(
    city: Api, clock: FixedClock
) -> None:
    parent = await assigned(city, lead_unit="all-departments")
    set_to(clock, at("2024-06-21"))
    await swept(city)
    assert await said(city, parent["code"]) == []
    for child in parent["children"]:
        assert await said(city, child) == [("2024-06-28", 7)]
    assert len(parent["children"]) > 10


async def test_a_thousand_at_once_three_workers_one_killed(city: Api, clock: FixedClock) -> None:
    codes = [(await assigned(city))["code"]]
    async with city.here.engine.begin() as conn:
        row = (await conn.execute(select(tasks).where(tasks.c.code == codes[0]))).mappings().one()
        copy = {name: row[name] for name in row if name not in {"id", "code", "words"}}
        codes += [f"NV-2024-9{number:05}" for number in range(1, THOUSAND)]
        await conn.execute(insert(tasks), [copy | {"code": code} for code in codes[1:]])
        due_at = (await conn.execute(select(TIMER).where(TIMER.c.key == codes[0]))).mappings().one()
        await conn.execute(insert(TIMER), [dict(due_at) | {"key": code} for code in codes[1:]])
    set_to(clock, at("2024-06-21"))
    turns = 0

    async def dying(conn: AsyncConnection, due: Sequence[Due], here: Context) -> None:
        """All is written, and the connection is cut before the commit."""
        nonlocal turns
        turns += 1
        await remind(conn, due, here)
        connection = (await conn.get_raw_connection()).driver_connection
        assert connection is not None
        connection.terminate()

    killed, *others = (
        TimerLoop(city.here, (timer,), (), ()) for timer in (Timer(REMINDER, dying), REMINDING, REMINDING)
    )
    await asyncio.gather(*(loop.round() for loop in (killed, *others)))
    while any(await asyncio.gather(*(loop.round() for loop in others))):
        pass
    assert turns == 1
    query = select(notifications.c.subject).where(notifications.c.days == 7, notifications.c.subject.in_(codes))
    async with city.here.engine.connect() as conn:
        assert sorted((await conn.scalars(query)).all()) == sorted(codes)
        waiting = select(func.count()).where(TIMER.c.kind == REMINDER, TIMER.c.due_at == at("2024-06-25"))
        assert await conn.scalar(waiting.where(TIMER.c.key.in_(codes))) == THOUSAND, "each waits for its next step"


async def test_a_task_without_a_timer_gets_one_once_a_day(city: Api, clock: FixedClock) -> None:
    task = await assigned(city)
    async with city.here.engine.begin() as conn:
        await conn.execute(delete(TIMER))
        await set_missing(conn, clock.now(), city.here)
    set_to(clock, at("2024-06-21"))
    await swept(city)
    assert await said(city, task["code"]) == [("2024-06-28", 7)]
