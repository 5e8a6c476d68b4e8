"""At the deadline, exactly once, whatever crashes, and as of the deadline however late anybody looks."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Row, Table, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.service.context import Context
from cchc_shared.service.timers import Sweep, Swept, TimerLoop
from tasks_api.consultations.models import consultation_history, consultation_notices, consultations
from tasks_api.consultations.timers import AT_ONCE, LAPSING, lapse_due
from tasks_api.metadata import outbox
from tests.support.tasks import Api

from .asking import ASKED, BODIES, FOREIGN, LEAD, act, ask, due, seen, set_to, task_of

THOUSAND = 1000
LAPSED = "vn.hanoi.cchc.consultation.deemed_consent.v1"
SILENT = "vn.hanoi.cchc.consultation.silent.v1"


def worker(here: Context) -> TimerLoop:
    return TimerLoop(here, (), (LAPSING,), ())


async def swept(api: Api) -> None:
    """One worker, until there is nothing left to do."""
    loop = worker(api.here)
    while await loop.round():
        pass


async def booked(api: Api) -> Sequence[Row[Any, Any, Any, Any]]:
    query = select(outbox.c.aggregateid, outbox.c.aggregateversion, outbox.c.type, outbox.c.occurred_at)
    async with api.here.engine.connect() as conn:
        rows = await conn.execute(query.where(outbox.c.type.in_((LAPSED, SILENT))).order_by(outbox.c.seq))
        return rows.all()


async def counted(api: Api, table: Table) -> int:
    async with api.here.engine.connect() as conn:
        return await conn.scalar(select(func.count()).select_from(table)) or 0


async def thousand(api: Api) -> list[str]:
    """So many questions, due in the same second: one is asked over HTTP, and the rest are its copies."""
    first = await ask(api)
    async with api.here.engine.begin() as conn:
        row = (await conn.execute(select(consultations))).mappings().one()
        copy = {name: value for name, value in row.items() if name not in {"id", "code"}}
        codes = [first["id"], *(f"LYK-2024-9{number:05}" for number in range(2, THOUSAND + 1))]
        await conn.execute(insert(consultations), [copy | {"code": code} for code in codes[1:]])
    return sorted(codes)


async def test_a_thousand_in_one_second_three_workers_one_killed(city: Api, clock: FixedClock) -> None:
    codes = await thousand(city)
    set_to(clock, due(await seen(city, codes[0])))
    turns = 0

    async def dying(conn: AsyncConnection, now: datetime, here: Context) -> Swept:
        """In the second turn all is written, and the connection is cut before the commit."""
        nonlocal turns
        turns += 1
        done = await lapse_due(conn, now, here)
        if turns == 2:
            connection = (await conn.get_raw_connection()).driver_connection
            assert connection is not None
            connection.terminate()
        return done

    killed, *others = (TimerLoop(city.here, (), (Sweep("cut", run),), ()) for run in (dying, lapse_due, lapse_due))
    for done in (3 * AT_ONCE, 5 * AT_ONCE):
        await asyncio.gather(*(loop.round() for loop in (killed, *others)))
        assert await counted(city, consultation_notices) == done, "nothing of the worker that was cut off"
    while any(await asyncio.gather(*(loop.round() for loop in others))):
        pass
    assert turns == 2
    events = await booked(city)
    assert sorted(event.aggregateid for event in events) == codes, "each is booked, and none twice"
    assert {(event.aggregateversion, event.type) for event in events} == {(2, LAPSED)}
    assert await counted(city, consultation_notices) == THOUSAND
    async with city.here.engine.connect() as conn:
        query = select(consultation_history.c.consultation_id).where(consultation_history.c.action == "lapse")
        assert len(set(ids := (await conn.scalars(query)).all())) == len(ids) == THOUSAND
        numbers = (await conn.scalars(select(consultation_notices.c.number))).all()
        assert sorted(numbers) == [f"{code}/TB" for code in codes]


async def test_an_outage_of_three_days_is_caught_up_as_of_the_due_times(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    asked = [await ask(city, task, working_days=days) for days in (2, 3, 4)]
    other = await ask(city, task, working_days=2, unit=FOREIGN, kind="one_stop")
    set_to(clock, due(asked[2]) + timedelta(days=3))
    await swept(city)
    events = {event.aggregateid: event for event in await booked(city)}
    for each in asked:
        assert events[each["id"]].occurred_at == due(each)
        after = await seen(city, each["id"])
        assert (after["status"], datetime.fromisoformat(after["ended_at"])) == ("deemed_agreed", due(each))
    assert (events[other["id"]].type, events[other["id"]].occurred_at) == (SILENT, due(other))
    assert await counted(city, consultation_notices) == 3
    [_, line] = (await city.get(f"/v1/consultations/{asked[0]['id']}/history", city.coordinator)).json()["items"]
    assert (line["action"], line["actor"], datetime.fromisoformat(line["at"])) == ("lapse", None, due(asked[0]))
    assert datetime.fromisoformat(line["recorded_at"]) == clock.now()


async def test_who_looks_before_any_worker_sees_the_same_as_after(city: Api, clock: FixedClock) -> None:
    asked = await ask(city)
    set_to(clock, due(asked))
    before = await seen(city, asked["id"])
    assert (before["status"], before["version"]) == ("deemed_agreed", 2)
    stale = await act(city, asked, "answer", city.officer(ASKED))
    assert stale.status_code == 412, "the caller saw a question that was open"
    assert await booked(city) == [], "what is refused changes nothing"
    notice = await city.get(f"/v1/consultations/{asked['id']}/notice", city.officer(ASKED))
    assert notice.json()["number"] == before["notice"] == f"{asked['id']}/TB"
    assert len(await booked(city)) == 1
    await swept(city)
    assert await seen(city, asked["id"]) == before
    assert len(await booked(city)) == 1


async def test_a_late_answer_is_kept_and_changes_nothing(city: Api, clock: FixedClock) -> None:
    asked = await ask(city)
    set_to(clock, due(asked) + timedelta(hours=1))
    answer = await act(
        city, await seen(city, asked["id"]), "answer", city.officer(ASKED), opinion="disagree", content="Không đồng ý"
    )
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["status"], after["answer"], after["disagreements"]) == ("deemed_agreed", None, [])
    assert after["late_answer"]["opinion"] == "disagree"
    assert [event[1:] for event in await city.events() if event[0] == asked["id"]] == [
        (1, "consultation.asked.v1"),
        (2, "consultation.deemed_consent.v1"),
        (3, "consultation.late_answered.v1"),
    ]
    assert await counted(city, consultation_notices) == 1


async def test_the_notice_says_what_was_asked_and_is_inert(city: Api, clock: FixedClock) -> None:
    asked = await ask(city)
    set_to(clock, due(asked))
    path = f"/v1/consultations/{asked['id']}/notice"
    notice = (await city.get(path, city.head(ASKED))).json()
    for words in (
        "Kính gửi: Sở Tư pháp",
        f"Số: {asked['id']}/TB",
        "17:30 ngày 06/06/2024",
        "Ngày 03/06/2024, Sở Nội vụ lấy ý kiến",
        "II.1.3",
    ):
        assert words in notice["text"]
    assert asked["question"] in notice["text"]
    assert "<tinh gọn>" not in notice["html"]
    assert "&lt;tinh gọn&gt; {bộ máy}" in notice["html"]
    page = await city.get(f"{path}.html", city.head(ASKED))
    assert page.text == notice["html"]
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["content-disposition"].startswith("attachment")
    async with city.here.engine.begin() as conn:
        with pytest.raises(Exception, match="append-only"):
            await conn.execute(update(consultation_notices).values(text=""))


STEPS = st.lists(
    st.tuples(st.integers(-2, 2), st.sampled_from(["answer", "return", "withdraw", "sweep", "look"])), max_size=6
)
"""Seconds from the deadline, and what is tried then."""


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, kind=st.sampled_from(["city_administration", "ordinary"]))
async def test_the_outcome_depends_only_on_what_happened_before_the_deadline(
    city: Api, clock: FixedClock, steps: list[tuple[int, str]], kind: str
) -> None:
    asked = await ask(city, kind=kind)
    silence = "deemed_agreed" if kind == "city_administration" else "silent"
    words = {"answer": "answered", "return": "returned", "withdraw": "withdrawn"}
    steps = sorted(steps, key=lambda step: step[0])
    expected = next((words[what] for at, what in steps if at < 0 and what in words), silence)
    for at, what in steps:
        set_to(clock, due(asked) + timedelta(seconds=at))
        if what == "sweep":
            await swept(city)
        elif what == "look":
            await city.get(f"/v1/consultations/{asked['id']}/notice", city.coordinator)
        else:
            who = city.officer(LEAD if what == "withdraw" else ASKED)
            await act(city, await seen(city, asked["id"]), what, who, **BODIES[what])
    set_to(clock, due(asked) + timedelta(seconds=3))
    before = await seen(city, asked["id"])
    await swept(city)
    after = await seen(city, asked["id"])
    assert before == after
    assert after["status"] == expected
    assert (after["notice"] is not None) == (expected == "deemed_agreed")
    events = [event for event in await city.events() if event[0] == asked["id"]]
    assert [event[1] for event in events] == list(range(1, after["version"] + 1))
    assert sum(event[2] in ("consultation.deemed_consent.v1", "consultation.silent.v1") for event in events) == (
        expected == silence
    )
    late = any(at >= 0 and what == "answer" for at, what in steps)
    assert (after["late_answer"] is not None) == (late and expected == silence)
