"""Who does a task: named by the head, or taken; shown to those concerned; cleared by a hand-over; in no event."""

import msgspec
import pytest
from sqlalchemy import select

from tasks_api.metadata import outbox
from tests.support.http import Headers, Json
from tests.support.tasks import Api

from ..working import FOREIGN, LEAD, OTHER, done, problem, reported, seen, task_of

AN = "công chức An"


async def name(api: Api, task: Json, officer: str | None, who: Headers | None = None) -> Json:
    return await done(api, task, "assign_officer", who or api.head(LEAD), officer=officer)


async def test_the_head_names_who_does_it(city: Api) -> None:
    task = await task_of(city)
    named = await name(city, task, AN)
    assert (named["officer"], named["status"], named["version"]) == (AN, "not_started", 2)
    assert (await name(city, task, "công chức Bình"))["officer"] == "công chức Bình"
    same = await city.act(await seen(city, task), "assign_officer", city.head(LEAD), officer="công chức Bình")
    assert problem(same) == (422, "invalid", ["body.officer"])
    assert (await name(city, task, None))["officer"] is None
    missing = await city.act(await seen(city, task), "assign_officer", city.head(LEAD))
    assert missing.status_code == 422, "nobody is named by saying so"


async def test_an_officer_takes_what_nobody_does_and_no_more(city: Api) -> None:
    task = await task_of(city)
    me = city.token("officer", unit=LEAD, sub=AN)
    for other in ("công chức Bình", None):
        answer = await city.act(await seen(city, task), "assign_officer", me, officer=other)
        assert problem(answer) == (422, "invalid", ["body.officer"])
    assert (await name(city, task, AN, me))["officer"] == AN
    for officer, who in ((None, me), ("công chức Bình", city.token("officer", unit=LEAD, sub="công chức Bình"))):
        answer = await city.act(await seen(city, task), "assign_officer", who, officer=officer)
        assert problem(answer) == (422, "invalid", ["body.officer"])
    assert (await name(city, task, None))["officer"] is None, "the head may"


@pytest.mark.parametrize("who", ["coordinator", "other", "inspector"])
async def test_others_name_nobody(city: Api, who: str) -> None:
    task = await task_of(city)
    callers = {
        "coordinator": (city.coordinator, "not-permitted"),
        "other": (city.head(OTHER), "not-permitted"),
        "inspector": (city.token("inspector"), "forbidden"),
    }
    headers, code = callers[who]
    answer = await city.act(task, "assign_officer", headers, officer=AN)
    assert (answer.status_code, answer.json()["code"]) == (403, code)


async def test_who_it_is_is_told_to_the_lead_and_to_who_assigned_it(city: Api) -> None:
    task = await task_of(city)
    await name(city, task, AN)
    told = {
        "lead": city.officer(LEAD),
        "office": city.coordinator,
        "coordinating": city.officer(OTHER),
        "inspector": city.token("inspector"),
    }
    shown = {who: (await seen(city, task, headers))["officer"] for who, headers in told.items()}
    assert shown == {"lead": AN, "office": AN, "coordinating": None, "inspector": None}
    path = f"/v1/tasks/{task['code']}/history"
    kept = {who: (await city.get(path, headers)).json()["items"][-1] for who, headers in told.items()}
    assert {who: item["details"].get("officer") for who, item in kept.items()} == shown
    assert {item["action"] for item in kept.values()} == {"assign_officer"}
    taken = await task_of(city)
    await name(city, taken, AN, city.token("officer", unit=LEAD, sub=AN))
    for who, named in (("lead", True), ("coordinating", False)):
        history = await city.get(f"/v1/tasks/{taken['code']}/history", told[who])
        assert (AN in history.text) is named, "nor as who took it"
    listed = await city.get("/v1/tasks", city.officer(OTHER), unit=OTHER)
    assert AN not in listed.text


async def test_mine_is_what_i_do(city: Api) -> None:
    mine, others = await task_of(city), await task_of(city)
    await name(city, mine, AN)
    await name(city, others, "công chức Bình")
    me = city.token("officer", unit=LEAD, sub=AN)
    listed = (await city.get("/v1/tasks", me, mine=True)).json()["items"]
    assert [each["code"] for each in listed] == [mine["code"]]
    assert (await city.get("/v1/tasks", city.token("officer", unit=FOREIGN, sub=AN), mine=True)).json()["items"] == []


async def test_a_handover_clears_it(city: Api) -> None:
    task = await task_of(city)
    await name(city, task, AN)
    await done(city, task, "transfer", city.head(LEAD), unit=FOREIGN, reason="Đúng thẩm quyền")
    assert (await seen(city, task, city.officer(FOREIGN)))["officer"] is None
    assert (await seen(city, task, city.officer(LEAD)))["officer"] is None
    back = await task_of(city)
    await name(city, back, AN)
    returned = await done(city, back, "return", city.officer(LEAD), reason="out_of_competence")
    assert returned["officer"] is None


async def test_no_event_names_them(city: Api) -> None:
    task = await task_of(city)
    await name(city, task, AN)
    await done(city, task, "urge", city.coordinator, reason="Đề nghị khẩn trương")
    async with city.here.engine.connect() as conn:
        rows = (await conn.execute(select(outbox).where(outbox.c.aggregateid == task["code"]))).all()
    assert [row.type.rpartition("cchc.")[2] for row in rows[-2:]] == ["task.officer_assigned.v1", "task.urged.v1"]
    for row in rows:
        text = (
            str(msgspec.to_builtins(row.payload, str_keys=True))
            if not isinstance(row.payload, bytes)
            else row.payload.decode()
        )
        assert AN not in text
        assert "khẩn trương" not in text


async def test_a_report_names_the_document_of_its_product(city: Api) -> None:
    task = await task_of(city)
    await done(city, task, "start", city.officer(LEAD))
    tomorrow = await city.act(
        await seen(city, task), "report", city.officer(LEAD), product_date="2024-06-04", product_number="12/BC-SNV"
    )
    assert problem(tomorrow) == (422, "invalid", ["body.product_date"])
    given = {"product_date": "2024-06-03", "product_number": "12/BC-SNV", "content": "Đã ban hành"}
    shown = await done(city, task, "report", city.officer(LEAD), **given)
    assert (shown["product_number"], shown["product_date"]) == ("12/BC-SNV", "2024-06-03")
    rejected = await done(city, task, "reject", city.head(LEAD), reason="Thiếu phụ lục")
    assert (rejected["product_number"], rejected["product_date"]) == (None, None)
    await done(city, task, "report", city.officer(LEAD), **given)
    await done(city, task, "approve", city.head(LEAD))
    completed = await done(city, task, "approve", city.coordinator)
    assert (completed["status"], completed["product_number"]) == ("completed", "12/BC-SNV")
    lines = (await city.get(f"/v1/tasks/{task['code']}/history", city.officer(LEAD))).json()["items"]
    assert [line["details"] for line in lines if line["action"] == "report"] == [given, given]


async def test_nobody_is_named_while_a_report_waits(city: Api) -> None:
    task = await task_of(city)
    await reported(city, task)
    answer = await city.act(await seen(city, task), "assign_officer", city.head(LEAD), officer=AN)
    assert answer.status_code == 409
