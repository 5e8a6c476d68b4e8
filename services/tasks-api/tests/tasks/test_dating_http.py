"""Deadlines that come later: by an event that somebody confirms, or by the office where the document names no day."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers
from tests.support.tasks import Api

LEAD = "so-noi-vu"
AFTER_RESULT = "5 ngày làm việc kể từ khi có kết quả thẩm định"
NO_DAY = "Theo tiến độ"


async def assign(api: Api, due_text: str = AFTER_RESULT, **more: object) -> dict[str, Any]:
    body = {"title": "Trình Đề án", "lead_unit": LEAD, "due_text": due_text} | more
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def act(api: Api, code: str, action: str, who: Headers | None = None, **body: object) -> httpx.Response:
    return await api.act(await seen(api, code), action, who or api.coordinator, **body)


async def seen(api: Api, code: str) -> dict[str, Any]:
    return dict((await api.get(f"/v1/tasks/{code}", api.coordinator)).json())


def at(clock: FixedClock, month: int, day: int) -> None:
    clock.advance(datetime(2024, month, day, 3, tzinfo=UTC) - clock.now())


async def test_a_task_awaits_its_event_and_then_has_a_deadline(city: Api) -> None:
    task = await assign(city)
    assert (task["reading"], task["awaiting_trigger"], task["due_on"]) == ("none", True, None)
    assert task["schedule"]["trigger"] == {"days": 5, "working": True, "after": "có kết quả thẩm định"}
    assert [(each["field"], "sự kiện" in each["message"]) for each in task["warnings"]] == [("due_text", True)]
    assert [each["code"] for each in await listed(city, awaiting_trigger=True)] == [task["code"]]
    # 31 May 2024 is a Friday: the first of the five days is Monday.
    dated = await act(city, task["code"], "confirm_trigger", happened_on="2024-05-31")
    assert dated.status_code == 200, dated.text
    body = dated.json()
    assert (body["due_on"], body["due_at"], body["awaiting_trigger"]) == ("2024-06-07", "2024-06-07T17:00:00Z", False)
    assert (body["planned_due_on"], body["late_from"], body["status"]) == (None, None, "not_started")
    assert await listed(city, awaiting_trigger=True) == []
    history = (await city.get(f"/v1/tasks/{task['code']}/history", city.coordinator)).json()["items"]
    assert (history[-1]["action"], history[-1]["details"]) == ("confirm_trigger", {"happened_on": "2024-05-31"})
    assert (await city.events())[-1] == (task["code"], 2, "task.dated.v1")


async def listed(api: Api, **query: bool) -> list[dict[str, Any]]:
    return list((await api.get("/v1/tasks", api.coordinator, q="Trình Đề án", **query)).json()["items"])


async def test_the_rest_of_the_list_awaits_nothing(city: Api) -> None:
    one, other = await assign(city), await assign(city, NO_DAY)
    assert [each["code"] for each in await listed(city, awaiting_trigger=False)] == [other["code"]]
    assert {each["code"] for each in await listed(city)} == {one["code"], other["code"]}


async def test_a_wrong_confirmation_is_mended_and_what_was_missed_stays_missed(city: Api, clock: FixedClock) -> None:
    code = (await assign(city))["code"]
    await act(city, code, "confirm_trigger", happened_on="2024-06-03")
    mended = await act(city, code, "confirm_trigger", happened_on="2024-05-30", reason="Nhầm ngày")
    assert (mended.json()["due_on"], mended.json()["late_from"]) == ("2024-06-06", None)
    at(clock, 6, 10)
    assert (await seen(city, code))["overdue"]
    later = (await act(city, code, "confirm_trigger", happened_on="2024-06-10")).json()
    assert (later["due_on"], later["late_from"], later["overdue"]) == ("2024-06-17", "2024-06-06T17:00:00Z", True)
    again = (await act(city, code, "confirm_trigger", happened_on="2024-06-07")).json()
    assert (again["due_on"], again["late_from"]) == ("2024-06-14", "2024-06-06T17:00:00Z")


@pytest.mark.parametrize(
    ("happened_on", "why"),
    [("2024-06-04", "ở tương lai"), ("2024-05-20", "`set_deadline`"), ("1950-01-01", "lịch")],
)
async def test_only_what_has_happened_gives_a_deadline_that_can_be_kept(city: Api, happened_on: str, why: str) -> None:
    code = (await assign(city))["code"]
    refused = await act(city, code, "confirm_trigger", happened_on=happened_on)
    assert refused.status_code == 422
    [error] = refused.json()["errors"]
    assert (error["field"], why in error["message"]) == ("body.happened_on", True)
    assert (await seen(city, code))["version"] == 1


async def test_the_office_gives_a_day_where_the_event_is_long_past_or_none_is_named(city: Api) -> None:
    for text in (AFTER_RESULT, NO_DAY, "", "Thường xuyên"):
        code = (await assign(city, text))["code"]
        assert "set_deadline" in (await seen(city, code))["possible"]
        refused = await act(city, code, "set_deadline", due_on="2024-06-02", reason="Chỉ đạo của Chủ tịch")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.due_on")
        dated = await act(city, code, "set_deadline", due_on="2024-06-20", reason="Chỉ đạo của Chủ tịch")
        assert (dated.json()["due_on"], dated.json()["planned_due_on"]) == ("2024-06-20", None)
        assert "set_deadline" not in dated.json()["possible"]
        assert (await act(city, code, "set_deadline", due_on="2024-07-20", reason="Chậm")).status_code == 409


async def test_only_the_assigning_side_dates_a_task(city: Api) -> None:
    code = (await assign(city))["code"]
    for action, body in (
        ("confirm_trigger", {"happened_on": "2024-06-03"}),
        ("set_deadline", {"due_on": "2024-06-20"}),
    ):
        answer = await act(city, code, action, city.head(LEAD), reason="Đã có", **body)
        assert (answer.status_code, answer.json()["by"]) == (403, ["assigner"])


async def test_no_event_begins_the_term_of_other_tasks(city: Api) -> None:
    for more in ({"due_on": "2024-06-30"}, {"due_text": NO_DAY}):
        code = (await assign(city, **more))["code"]
        assert (await act(city, code, "confirm_trigger", happened_on="2024-06-03")).status_code == 409


async def test_each_unit_of_a_group_is_due_with_it(city: Api) -> None:
    group = await assign(city, lead_unit="all-departments")
    first, second, *_ = group["children"]
    assert (await seen(city, first))["awaiting_trigger"]
    own = await act(city, second, "confirm_trigger", happened_on="2024-06-03")
    assert own.json()["due_on"] == "2024-06-10"
    refused = await act(city, group["code"], "confirm_trigger", happened_on="2024-05-31")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.happened_on")
    assert (await act(city, group["code"], "confirm_trigger", happened_on="2024-06-03")).status_code == 200
    found = await seen(city, first)
    assert (found["due_on"], found["version"], (await seen(city, second))["version"]) == ("2024-06-10", 2, 2)


async def test_a_child_is_dated_within_its_parents_time(city: Api) -> None:
    parent = (await assign(city, NO_DAY))["code"]
    child = (await assign(city, "", parent=parent))["code"]
    assert (await act(city, child, "set_deadline", due_on="2024-06-25", reason="Kế hoạch")).status_code == 200
    refused = await act(city, parent, "set_deadline", due_on="2024-06-24", reason="Kế hoạch")
    assert (refused.status_code, "2024-06-25" in refused.json()["errors"][0]["message"]) == (422, True)
    assert (await act(city, parent, "set_deadline", due_on="2024-06-28", reason="Kế hoạch")).status_code == 200


@pytest.mark.parametrize("text", ["sớm", "Quý I hoặc quý II/2025", "30/2/2025", "Định kỳ", "Quý IV/2204"])
async def test_a_wording_that_leaves_the_day_open_is_asked(city: Api, text: str) -> None:
    body = {"title": "x", "lead_unit": LEAD, "due_text": text}
    answer = await city.send("POST", "/v1/tasks", city.coordinator, json=body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.due_text")


async def test_what_is_doubtful_is_told_beside_the_task(city: Api) -> None:
    two = await assign(city, "Tháng 6, tháng 9/2024")
    assert (two["due_on"], two["schedule"]["milestones"]) == ("2024-09-30", ["2024-06-30", "2024-09-30"])
    assert [each["message"] for each in two["warnings"]] == ["Nhiều mốc (30/6/2024, 30/9/2024): hạn là mốc cuối."]
    english = city.coordinator | {"Accept-Language": "en"}
    body = {"title": "x", "lead_unit": LEAD, "due_text": NO_DAY}
    none = (await city.send("POST", "/v1/tasks", english, json=body)).json()
    assert (none["reading"], none["due_on"], none["schedule"]) == ("none", None, None)
    assert none["warnings"][0]["message"].startswith("There is no date")
