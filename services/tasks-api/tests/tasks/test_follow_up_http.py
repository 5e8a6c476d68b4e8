"""The rules of follow-up over HTTP: who approves, what more time and a hand-over do, and what is late for whom."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from cchc_shared.calendar.clock import FixedClock
from tasks_api.tasks.models import tasks
from tests.support.http import Headers, Json
from tests.support.tasks import Api

LEAD, OTHER = "so-noi-vu", "so-y-te"
TASK = {"title": "Báo cáo quý", "lead_unit": LEAD, "due_on": "2024-06-10"}
"""The clock of the tests begins on 3 June 2024, a Monday."""


async def assign(api: Api, **more: object) -> Json:
    return await assigned_by(api, api.coordinator, **more)


async def assigned_by(api: Api, who: Headers, **more: object) -> Json:
    answer = await api.send("POST", "/v1/tasks", who, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def take(api: Api, task: Json, *steps: tuple[str, Headers, dict[str, Any]]) -> Json:
    for action, who, body in steps:
        answer = await api.act(task, action, who, **body)
        assert answer.status_code == 200, (action, answer.text)
        task = answer.json()
    return task


async def reported(api: Api, **more: object) -> Json:
    officer = api.officer(LEAD)
    return await take(api, await assign(api, **more), ("start", officer, {}), ("report", officer, {}))


async def seen(api: Api, task: Json) -> Json:
    return dict((await api.get(f"/v1/tasks/{task['code']}", api.coordinator)).json())


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


async def test_the_second_approval_is_the_assigning_units(city: Api) -> None:
    task = await take(city, await reported(city), ("approve", city.head(LEAD), {}))
    for who in (city.token("coordinator", unit=OTHER), city.token("coordinator", unit=LEAD), city.head(OTHER)):
        assert (await city.act(task, "approve", who)).status_code in {403, 404}, "of another unit"
    office = city.token("coordinator", unit="van-phong-ubnd-thanh-pho", sub="secretary")
    assert (await take(city, task, ("approve", office, {})))["status"] == "completed"
    task = await take(city, await reported(city), ("approve", city.head(LEAD), {}))
    assert (await take(city, task, ("approve", city.head("01"), {})))["status"] == "completed"


async def test_nobody_approves_what_they_reported_or_approved(city: Api) -> None:
    everything = city.token("officer", "unit_head", "coordinator", unit="01", sub="one")
    task = await take(city, await assign(city, lead_unit="01"), ("start", everything, {}), ("report", everything, {}))
    assert code_of(await city.act(task, "approve", everything)) == (403, "same-person")
    task = await take(city, task, ("approve", city.head("01"), {}))
    assert code_of(await city.act(task, "approve", city.head("01"))) == (403, "same-person")
    assert code_of(await city.act(task, "approve", everything)) == (403, "same-person")
    assert (await take(city, task, ("approve", city.coordinator, {})))["status"] == "completed"


async def test_reported_in_time_is_neither_overdue_nor_done_until_it_is_approved(city: Api, clock: FixedClock) -> None:
    task = await reported(city)
    clock.advance(timedelta(days=20))
    late = await seen(city, task)
    assert (late["awaiting_approval"], late["overdue"], late["due_soon"], late["status"]) == (
        True, False, False, "reported",
    )  # fmt: skip
    overdue = (await city.get("/v1/tasks", city.coordinator, overdue="true", unit=LEAD)).json()["items"]
    assert task["code"] not in [each["code"] for each in overdue]
    done = await take(city, task, ("approve", city.head(LEAD), {}), ("approve", city.coordinator, {}))
    assert (done["completed_late"], done["completed_at"]) == (False, "2024-06-03T03:00:00Z")


async def test_who_reported_in_time_has_the_time_that_was_left_when_the_report_is_rejected_late(
    city: Api, clock: FixedClock
) -> None:
    task = await reported(city)  # a week before its last day
    clock.advance(timedelta(days=20))
    task = await take(city, task, ("reject", city.head(LEAD), {"reason": "Thiếu phụ lục"}))
    assert (task["due_on"], task["overdue"], task["planned_due_on"]) == ("2024-06-30", False, "2024-06-10")
    late = await reported(city, due_on="2024-06-24")
    clock.advance(timedelta(days=-19))
    assert (await take(city, late, ("reject", city.head(LEAD), {"reason": "x"})))["due_on"] == "2024-06-24"


async def test_more_time_does_not_make_up_for_what_was_late(city: Api, clock: FixedClock) -> None:
    task = await take(city, await assign(city), ("start", city.officer(LEAD), {}))
    clock.advance(timedelta(days=10))
    asked = {"due_on": "2024-06-28", "reason": "Chờ ý kiến"}
    task = await take(
        city, task, ("request_extension", city.officer(LEAD), asked), ("grant_extension", city.coordinator, {})
    )
    assert (task["due_on"], task["late_from"], task["overdue"]) == ("2024-06-28", "2024-06-10T17:00:00Z", True)
    officer = city.officer(LEAD)
    task = await take(
        city, task, ("report", officer, {}), ("approve", city.head(LEAD), {}), ("approve", city.coordinator, {})
    )
    assert task["completed_late"] is True


async def test_no_extension_into_the_past(city: Api, clock: FixedClock) -> None:
    officer = city.officer(LEAD)
    task = await take(city, await assign(city), ("start", officer, {}))
    clock.advance(timedelta(days=20))
    past = await city.act(task, "request_extension", officer, due_on="2024-06-15", reason="x")
    assert [error["field"] for error in past.json()["errors"]] == ["body.due_on"]
    task = await take(city, task, ("request_extension", officer, {"due_on": "2024-06-25", "reason": "x"}))
    clock.advance(timedelta(days=5))
    passed = await city.act(task, "grant_extension", city.coordinator)
    assert passed.status_code == 422, "it has passed while it waited"


@pytest.mark.parametrize(
    ("source", "strict"),
    [
        ("Nghị quyết số 76/NQ-CP ngày 15/7/2021", True),
        ("Chỉ thị số 26/CT-TTg của Thủ tướng", True),
        ("766/QĐ-TTg", True),
        ("131/CĐ-TTg", True),
        ("Công văn số 9859/VPCP-KGVX của Văn phòng Chính phủ", True),
        ("Nghị định số 61/2018/NĐ-CP của Chính phủ", True),
        ("Công văn 1234/BQP-TM", True),
        ("Đề án về các tổ chức phi chính phủ", False),
        ("Kế hoạch số 313/KH-UBND của UBND Thành phố", False),
        ("Công văn 12/SNV-CCHC", False),
        ("", False),
    ],
)
async def test_sources_of_the_government_and_of_defence_get_seven_days(city: Api, source: str, strict: bool) -> None:
    officer = city.officer(LEAD)
    task = await take(city, await assign(city, source=source), ("start", officer, {}))
    eight = await city.act(task, "request_extension", officer, due_on="2024-06-18", reason="x")
    assert (eight.status_code == 422) == strict
    if strict:
        assert (await city.act(task, "request_extension", officer, due_on="2024-06-17", reason="x")).status_code == 200


async def test_a_task_of_many_units_gets_more_time_with_its_children(city: Api) -> None:
    group = await assign(city, lead_unit="all-districts")
    missing = await city.act(group, "grant_extension", city.coordinator)
    assert [error["field"] for error in missing.json()["errors"]] == ["body.due_on"]
    group = await take(city, group, ("grant_extension", city.coordinator, {"due_on": "2024-06-30"}))
    assert (group["due_on"], group["status"], group["extensions"]) == ("2024-06-30", "not_started", 1)
    child = await seen(city, {"code": group["children"][3]})
    assert (child["due_on"], child["extensions"], child["version"]) == ("2024-06-30", 0, 2)
    ended = await take(city, group, ("close", city.coordinator, {"reason": "Không còn cần"}))
    assert ended["status"] == "closed"
    children = (await city.get("/v1/tasks", city.coordinator, status="closed", limit=200)).json()["items"]
    assert len([each for each in children if each["parent"] == group["code"]]) == 30


async def test_a_parent_is_open_while_a_child_is(city: Api) -> None:
    officer = city.officer(LEAD)
    parent = await assign(city)
    child = await assign(city, parent=parent["code"], lead_unit=OTHER)
    task = await take(city, parent, ("start", officer, {}), ("report", officer, {}), ("approve", city.head(LEAD), {}))
    answer = await city.act(task, "approve", city.coordinator)
    assert (*code_of(answer), answer.json()["children"]) == (409, "children-open", [child["code"]])
    await take(city, child, ("close", city.coordinator, {"reason": "x"}))
    assert (await take(city, task, ("approve", city.coordinator, {})))["status"] == "completed"


async def test_what_waits_for_a_decision_gives_way_when_the_task_passes_on(city: Api) -> None:
    officer = city.officer(LEAD)
    asked = {"due_on": "2024-06-20", "reason": "x"}
    task = await take(city, await assign(city), ("start", officer, {}), ("request_extension", officer, asked))
    task = await take(city, task, ("transfer", city.coordinator, {"unit": OTHER, "reason": "x"}))
    assert (task["requested_due_on"], task["due_on"], task["status"]) == (None, "2024-06-10", "not_started")


async def test_a_receiver_has_time_of_its_own_and_the_office_may_set_it(city: Api, clock: FixedClock) -> None:
    task, head = await assign(city), city.head(LEAD)
    clock.advance(timedelta(days=20))  # Sunday 23 June
    own = await city.act(task, "transfer", head, unit=OTHER, reason="x", due_on="2024-07-30")
    assert [error["field"] for error in own.json()["errors"]] == ["body.due_on"], "not for who passes it on to say"
    passed = await take(city, task, ("transfer", head, {"unit": OTHER, "reason": "Không đúng thẩm quyền"}))
    assert (passed["due_on"], passed["overdue"], passed["handovers"]) == ("2024-06-28", False, 1)
    back = await take(
        city, passed, ("transfer", city.coordinator, {"unit": LEAD, "reason": "x", "due_on": "2024-06-25"})
    )
    assert (back["due_on"], back["handovers"]) == ("2024-06-25", 1)


async def test_a_hand_over_is_judged_by_the_assigning_office_alone(city: Api) -> None:
    task = await assign(city)
    task = await take(city, task, ("return", city.officer(LEAD), {"reason": "out_of_competence"}))
    task = await take(city, task, ("transfer", city.coordinator, {"unit": OTHER, "reason": "x"}))
    judged = {"handover": 2, "reason": "Đúng thẩm quyền của Sở"}
    assert (await city.act(task, "mark_unjustified", city.head(OTHER), **judged)).status_code == 403
    offices = await city.act(task, "mark_unjustified", city.coordinator, handover=3, reason="x")
    assert offices.status_code == 422, "what the office moved is nobody's hand-over"
    task = await take(city, task, ("mark_unjustified", city.coordinator, judged))
    assert (task["unjustified"], task["lead_unit"]) == ([2], OTHER)
    assert (await city.act(task, "mark_unjustified", city.coordinator, **judged)).status_code == 422
    task = await take(city, task, ("mark_unjustified", city.coordinator, judged | {"unjustified": False}))
    assert task["unjustified"] == []
    types = [type_ for subject, _, type_ in await city.events() if subject == task["code"]]
    assert types[-2:] == ["task.handover_judged.v1", "task.handover_judged.v1"]


async def test_an_office_of_the_city_follows_up_what_it_assigned_itself(city: Api) -> None:
    """What a plan says that the office issued, or what it assigned before it acted in the name of the city."""
    office = "van-phong-ubnd-thanh-pho"
    task = await take(city, await reported(city), ("approve", city.head(LEAD), {}))
    async with city.here.engine.begin() as conn:
        await conn.execute(update(tasks).where(tasks.c.code == task["code"]).values(assigning_unit=office))
    done = await take(city, task, ("approve", city.token("coordinator", unit=office, sub="secretary"), {}))
    assert done["status"] == "completed"


async def test_a_department_assigns_within_itself_alone(city: Api) -> None:
    own = city.token("coordinator", unit=LEAD)
    other = await city.send("POST", "/v1/tasks", own, json=TASK | {"lead_unit": OTHER})
    assert [error["field"] for error in other.json()["errors"]] == ["body.lead_unit"]
    assert (await assigned_by(city, own))["assigning_unit"] == LEAD


async def test_progress_tells_awaiting_from_overdue_on_any_day(city: Api, clock: FixedClock) -> None:
    plan = "KH-2024-0001"
    items = (await city.get("/v1/tasks", city.coordinator, plan=plan, limit=200)).json()["items"]
    task = next(
        each for each in items if each["due_on"] == "2024-06-30" and not each["fanned_out"] and not each["parent"]
    )
    officer = city.officer(task["lead_unit"])
    await take(city, task, ("start", officer, {}), ("report", officer, {}))

    async def progress(day: str) -> dict[str, int]:
        return dict((await city.get(f"/v1/plans/{plan}/progress", city.coordinator, as_of=day)).json())

    before = await progress("2024-07-05")
    clock.advance(timedelta(days=40))
    later = await progress("2024-07-05")
    assert (before["reported"], before["awaiting_approval"]) == (1, 1)
    assert {name: later[name] for name in before if name != "children"} == {
        name: before[name] for name in before if name != "children"
    }, "a past day looks the same whenever it is asked for"


async def test_what_the_office_closed_is_not_completed_by_a_judgement_on_a_child(city: Api) -> None:
    group = await assign(city, lead_unit="all-districts")
    first, second = [await seen(city, {"code": code}) for code in group["children"][:2]]
    officer, head = city.officer(first["lead_unit"]), city.head(first["lead_unit"])
    await take(
        city, first, ("start", officer, {}), ("report", officer, {}), ("approve", head, {}),
        ("approve", city.coordinator, {}),
    )  # fmt: skip
    moved = {"unit": LEAD, "reason": "Đúng thẩm quyền"}
    second = await take(city, second, ("transfer", city.head(second["lead_unit"]), moved))
    await take(city, await seen(city, group), ("close", city.coordinator, {"reason": "Không còn cần"}))
    judged = {"handover": second["version"], "reason": "Đúng thẩm quyền của đơn vị"}
    await take(city, await seen(city, second), ("mark_unjustified", city.coordinator, judged))
    assert (await seen(city, group))["status"] == "closed"


async def test_a_child_that_gets_more_time_with_its_parent_waits_for_no_decision(city: Api) -> None:
    parent = await assign(city, due_on="2024-06-20")
    child = await assign(city, parent=parent["code"], lead_unit=OTHER)
    asked = {"due_on": "2024-06-15", "reason": "Chờ ý kiến"}
    await take(city, child, ("start", city.officer(OTHER), {}), ("request_extension", city.officer(OTHER), asked))
    sooner = {"unit": "so-tai-chinh", "due_on": "2024-06-10", "reason": "Gấp"}
    lead, later = city.officer("so-tai-chinh"), {"due_on": "2024-06-30", "reason": "Chờ văn bản"}
    await take(
        city, parent, ("transfer", city.coordinator, sooner), ("start", lead, {}), ("request_extension", lead, later),
        ("grant_extension", city.coordinator, {}),
    )  # fmt: skip
    child = await seen(city, child)
    assert (child["status"], child["due_on"], child["requested_due_on"]) == ("in_progress", "2024-06-30", None)


async def test_the_office_gives_a_child_no_day_after_its_parents(city: Api) -> None:
    parent = await assign(city)
    child = await assign(city, parent=parent["code"])
    late = {"unit": OTHER, "due_on": "2024-06-11", "reason": "Gấp"}
    refused = await city.act(child, "transfer", city.coordinator, **late)
    assert [error["field"] for error in refused.json()["errors"]] == ["body.due_on"]
    await take(city, child, ("transfer", city.coordinator, late | {"due_on": "2024-06-10"}))
