"""Progress over HTTP: the same figures as the list and as the plan, for whoever may see the tasks."""

from datetime import timedelta
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json, Query
from tests.support.tasks import Api

PLAN = "KH-2024-0001"
LEAD, OTHER = "so-noi-vu", "so-y-te"
TASK = {"title": "Báo cáo", "lead_unit": LEAD, "coordinating_units": [OTHER], "due_on": "2024-06-10"}


async def table(api: Api, by: str, who: Headers | None = None, **query: Query) -> Json:
    answer = await api.get("/v1/progress", who or api.coordinator, by=by, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def listed(api: Api, who: Headers, **query: Query) -> list[Json]:
    """Every task of a list that one page holds not."""
    found: list[Json] = []
    while True:
        page = (await api.get("/v1/tasks", who, limit=200, **query)).json()
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


async def assigned(api: Api, **more: object) -> Json:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def is_own(task: Json) -> bool:
    """Whether it is not done by its children."""
    return not (task["fanned_out"] or task["recurring"])


def counts(of: Json) -> dict[str, Any]:
    """The counts alone."""
    return {name: value for name, value in of.items() if isinstance(value, int)}


async def test_by_plan_it_is_the_progress_of_the_plan(city: Api, clock: FixedClock) -> None:
    await assigned(city)
    for as_of in ("2024-05-01", "2024-06-03", "2024-07-01", "2025-01-01"):
        plan = (await city.get(f"/v1/plans/{PLAN}/progress", city.coordinator, as_of=as_of)).json()
        groups = {group["key"]: group for group in (await table(city, "plan", as_of=as_of))["items"]}
        assert counts(groups.get(PLAN, dict.fromkeys(counts(plan), 0))) == counts(plan), as_of
    clock.advance(timedelta(days=30))
    today = await table(city, "plan")
    assert [(group["key"], group["total"], group["overdue"]) for group in today["items"]] == [
        (None, 1, 1), (PLAN, 11, today["items"][1]["overdue"]),
    ]  # fmt: skip


async def test_by_unit_it_is_what_each_leads_in_the_list(city: Api) -> None:
    found = {group["key"]: group for group in (await table(city, "unit"))["items"]}
    for unit in (LEAD, OTHER, "van-phong-ubnd-thanh-pho"):
        led = [task for task in await listed(city, city.coordinator, unit=unit, role="lead") if is_own(task)]
        overdue = [task for task in led if task["overdue"]]
        assert (found[unit]["total"], found[unit]["overdue"]) == (len(led), len(overdue)), unit
    every = [task for task in await listed(city, city.coordinator) if is_own(task)]
    assert sum(group["total"] for group in found.values()) == len(every)


async def test_by_role_it_is_the_list_of_each_role(city: Api) -> None:
    await assigned(city)
    for who, query in ((city.coordinator, {"unit": OTHER}), (city.officer(OTHER), {})):
        shown = await table(city, "role", who, **query)
        for group in shown["items"]:
            tasks = await listed(city, who, role=group["key"], **query)
            assert group["total"] == sum(is_own(task) for task in tasks), group["key"]
        assert {"lead", "coordinating"} <= {group["key"] for group in shown["items"]}
    refused = await city.get("/v1/progress", city.coordinator, by="role")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "query.unit")


async def test_staff_count_what_they_see(city: Api) -> None:
    """Their own and no other; and one who has no unit, nothing."""
    who = city.officer(OTHER)
    seen = [task for task in await listed(city, who) if is_own(task)]
    assert (await table(city, "unit", who))["total"]["total"] == len(seen) > 0
    among = await table(city, "unit", who, unit=LEAD)
    assert among["total"]["total"] == sum(is_own(task) for task in await listed(city, who, unit=LEAD))
    assert (await table(city, "unit", city.token("officer")))["total"]["total"] == 0
    assert (await city.get("/v1/progress", city.token("citizen"), by="unit")).status_code == 403


async def test_by_source_each_task_has_one_level(city: Api) -> None:
    for number in range(3):
        await assigned(city, source=f"Nghị quyết số 7{number}/NQ-CP ngày 15/7/2021 của Chính phủ")
    await assigned(city, source="Công văn 12/BNV-CCHC")
    await assigned(city, source="Kế hoạch số 313/KH-UBND")
    await assigned(city)
    own = {"title": "Việc của sở", "lead_unit": LEAD}
    answer = await city.send("POST", "/v1/tasks", city.token("coordinator", unit=LEAD), json=own)
    assert answer.status_code == 201
    english = city.coordinator | {"Accept-Language": "en"}
    shown = await table(city, "source", english, due_from="2024-06-10", due_to="2024-06-10")
    assert [(group["key"], group["name"], group["total"]) for group in shown["items"]] == [
        ("city", "The city", 2), ("government", "Government and Prime Minister", 3),
        ("ministry", "Ministries and central agencies", 1),
    ]  # fmt: skip
    every = await table(city, "source")
    assert sum(group["total"] for group in every["items"]) == every["total"]["total"]
    assert {group["key"]: group["total"] for group in every["items"]}["unit"] == 1
    by_unit = await table(city, "unit", source="government")
    plan = await table(city, "unit", source="government", plan=PLAN)
    assert by_unit["total"]["total"] == 3 + plan["total"]["total"]
    unknown = await city.get("/v1/progress", city.coordinator, by="unit", source="moon")
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "query.source")


async def test_by_month_and_in_pages(city: Api) -> None:
    await assigned(city, due_on="2024-08-31")
    whole = await table(city, "month")
    keys = [group["key"] for group in whole["items"]]
    assert keys == sorted(keys, key=lambda key: key or "")
    assert "2024-08" in keys
    pages, cursor = [], None
    while True:
        page = await table(city, "month", limit=1, **({"cursor": cursor} if cursor is not None else {}))
        assert page["total"] == whole["total"]
        pages += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert pages == whole["items"]


@pytest.mark.parametrize("day", ["2024-06-09", "2024-06-11"])
async def test_a_past_day_stays_as_it_was(city: Api, clock: FixedClock, day: str) -> None:
    """What is done later changes nothing of what was; the unit that led it then is asked."""
    task = await assigned(city)
    clock.advance(timedelta(days=8, hours=1))
    before = await table(city, "unit", as_of=day)
    moved = await city.act(task, "transfer", city.coordinator, unit="so-tai-chinh", reason="Thẩm quyền")
    assert moved.status_code == 200
    after = await table(city, "unit", as_of=day)
    if day == "2024-06-09":
        assert after == before
    else:
        missed = {group["key"]: group["missed"] for group in after["items"]}
        assert missed["so-tai-chinh"] == 1, "the task was late when it passed on"
