"""Recurring tasks over HTTP: their occurrences, their end, and what passes on."""

from cchc_shared.calendar.clock import FixedClock
from tests.support.tasks import Api

from .recurring import LEAD, OTHER, act, assign, at, days, done, seen, swept


async def test_each_month_has_its_occurrence(city: Api, clock: FixedClock) -> None:
    task = await assign(city)
    assert (task["reading"], task["recurring"], task["due_on"], task["warnings"]) == ("recurring", True, None, [])
    assert task["schedule"]["rhythm"][0] == {
        "every": "monthly", "weekday": None, "day": 20, "month": None, "hour": None, "starts_on": None, "ends_on": None
    }  # fmt: skip
    await swept(city)
    assert await days(city, task["code"]) == ["2024-06-20"]
    first = await seen(city, f"{task['code']}.2024-06-20")
    assert (first["due_on"], first["lead_unit"], first["number"], first["parent"]) == (
        "2024-06-20", LEAD, None, task["code"],
    )  # fmt: skip
    assert (first["assigned_at"], first["schedule"], first["recurring"]) == (task["assigned_at"], None, False)
    at(clock, 2024, 6, 20, 16, 59)
    await swept(city)
    assert await days(city, task["code"]) == ["2024-06-20"]
    at(clock, 2024, 6, 20, 17)
    await swept(city)
    assert await days(city, task["code"]) == ["2024-06-20", "2024-07-20"]
    parent = await seen(city, task["code"])
    assert (parent["overdue"], (await seen(city, first["code"]))["overdue"]) == (False, True)
    found = (await city.get("/v1/tasks", city.coordinator, parent=task["code"], overdue=True)).json()["items"]
    assert [each["code"] for each in found] == [first["code"]]


async def test_every_rhythm_of_a_wording_counts(city: Api, clock: FixedClock) -> None:
    task = await assign(city, due_text="Hằng tháng, hằng quý, hằng năm")
    at(clock, 2024, 12, 15, 0)
    await swept(city)
    found = await days(city, task["code"])
    assert sorted(found) == [
        "2024-06-30", "2024-06-30-2", "2024-07-31", "2024-08-31", "2024-09-30", "2024-09-30-2", "2024-10-31",
        "2024-11-30", "2024-12-31", "2024-12-31-2", "2024-12-31-3",
    ]  # fmt: skip
    history = (await city.get(f"/v1/tasks/{task['code']}.2024-12-31-3/history", city.coordinator)).json()["items"]
    assert [(line["action"], line["actor"], line["details"]) for line in history] == [("assign", None, {"rhythm": 2})]


async def test_work_that_just_goes_on_has_no_occurrences(city: Api, clock: FixedClock) -> None:
    task = await assign(city, due_text="Thường xuyên")
    at(clock, 2025, 6, 3, 3)
    await swept(city)
    found = await seen(city, task["code"])
    assert (found["children"], found["recurring"], found["schedule"]["rhythm"][0]["every"]) == ([], False, "continuous")
    assert (await act(city, task["code"], "start", city.officer(LEAD))).status_code == 200


async def test_it_is_complete_when_its_rhythm_has_ended_and_all_occurrences(city: Api, clock: FixedClock) -> None:
    code = (await assign(city, due_text="Ngày 20 hằng tháng đến hết tháng 7/2024"))["code"]
    await swept(city)
    await done(city, f"{code}.2024-06-20")
    assert (await seen(city, code))["status"] == "in_progress", "another occurrence comes"
    at(clock, 2024, 6, 20, 17)
    await swept(city)
    assert (await seen(city, code))["status"] == "in_progress"
    await done(city, f"{code}.2024-07-20")
    parent = await seen(city, code)
    assert (parent["status"], parent["completed_late"], parent["possible"]) == ("completed", False, [])
    at(clock, 2025, 1, 1)
    await swept(city)
    assert len(await days(city, code)) == 2


async def test_each_unit_of_a_group_has_its_own(city: Api, clock: FixedClock) -> None:
    group = await assign(city, lead_unit="all-departments", due_text="Hằng quý đến hết quý III/2024")
    assert (group["fanned_out"], group["recurring"]) == (True, False)
    children = group["children"]
    await swept(city)
    at(clock, 2024, 7, 1)
    await swept(city)
    for child in children:
        assert await days(city, child) == ["2024-06-30", "2024-09-30"]
    assert (await seen(city, group["code"]))["children"] == children
    unit = children[0].removeprefix(f"{group['code']}.")
    for day in ("2024-06-30", "2024-09-30"):
        await done(city, f"{children[0]}.{day}", lead=unit)
    assert (await seen(city, children[0]))["status"] == "completed"
    assert (await seen(city, group["code"]))["status"] == "in_progress"
    closed = await act(city, group["code"], "close", city.coordinator, reason="Thay bằng kế hoạch khác")
    assert closed.json()["status"] == "closed"
    assert (await seen(city, f"{children[1]}.2024-09-30"))["status"] == "closed"


async def test_closing_ends_it_with_what_is_open(city: Api, clock: FixedClock) -> None:
    code = (await assign(city))["code"]
    await swept(city)
    await done(city, f"{code}.2024-06-20")
    at(clock, 2024, 6, 20, 17)
    await swept(city)
    assert (await act(city, code, "close", city.coordinator)).status_code == 422, "a reason is needed"
    closed = await act(city, code, "close", city.coordinator, reason="Không còn cần")
    assert closed.json()["status"] == "closed"
    at(clock, 2024, 12, 1)
    await swept(city)
    assert await days(city, code) == ["2024-06-20", "2024-07-20"]
    states = [(await seen(city, f"{code}.{day}"))["status"] for day in ("2024-06-20", "2024-07-20")]
    assert states == ["completed", "closed"]


async def test_what_comes_next_is_the_new_leads(city: Api, clock: FixedClock) -> None:
    task = await assign(city)
    await swept(city)
    assert task["possible"] == ["close", "transfer", "urge"]
    assert (await act(city, task["code"], "report", city.officer(LEAD))).status_code == 409
    moved = await act(city, task["code"], "transfer", city.coordinator, unit=OTHER, reason="Đúng thẩm quyền")
    assert (moved.json()["lead_unit"], moved.json()["handovers"]) == (OTHER, 0)
    at(clock, 2024, 6, 20, 17)
    await swept(city)
    leads = [(await seen(city, f"{task['code']}.{day}"))["lead_unit"] for day in ("2024-06-20", "2024-07-20")]
    assert leads == [LEAD, OTHER]
    answer = await city.get(f"/v1/tasks/{task['code']}.2024-07-20", city.officer(OTHER))
    assert answer.status_code == 200
    returned = await act(city, task["code"], "return", city.officer(OTHER), reason="out_of_competence")
    assert (returned.json()["lead_unit"], returned.json()["handovers"]) == ("01", 1)


async def test_an_occurrence_is_a_task_like_any_other(city: Api) -> None:
    code = (await assign(city))["code"]
    await swept(city)
    first = f"{code}.2024-06-20"
    assert (await act(city, first, "start", city.officer(LEAD))).status_code == 200
    asked = await act(city, first, "request_extension", city.officer(LEAD), due_on="2024-06-25", reason="Chờ số liệu")
    assert asked.status_code == 200, asked.text
    granted = await act(city, first, "grant_extension", city.coordinator)
    assert (granted.json()["due_on"], granted.json()["planned_due_on"]) == ("2024-06-25", "2024-06-20")


async def test_whoever_does_recurring_work_does_what_comes_next(city: Api, clock: FixedClock) -> None:
    task = await assign(city)
    await swept(city)
    named = await act(city, task["code"], "assign_officer", city.head(LEAD), officer="officer-7")
    assert named.status_code == 200, named.text
    at(clock, 2024, 6, 21)
    await swept(city)
    officers = {}
    for day in ("2024-06-20", "2024-07-20"):
        answer = await city.get(f"/v1/tasks/{task['code']}.{day}", city.head(LEAD))
        officers[day] = answer.json()["officer"]
    assert officers == {"2024-06-20": None, "2024-07-20": "officer-7"}
    urged = await act(city, task["code"], "urge", city.coordinator, reason="Đề nghị báo cáo đúng hạn")
    assert urged.status_code == 200, urged.text
    assert (await seen(city, f"{task['code']}.2024-06-20"))["urgings"] == 1
