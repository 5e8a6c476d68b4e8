"""Actions over HTTP: what each must be given, and many at once."""

from typing import Any

import pytest

from tests.support.tasks import Api

LEAD, OTHER = "so-noi-vu", "so-tu-phap"
TASK = {"title": "Báo cáo quý", "lead_unit": LEAD, "due_on": "2024-06-30"}


async def assign(api: Api, **more: object) -> dict[str, Any]:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def item(api: Api, **more: object) -> dict[str, Any]:
    """A new task as an item of a bulk action."""
    task = await assign(api)
    return {"code": task["code"], "version": task["version"]} | more


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("transfer", {"unit": OTHER}, "reason"),
        ("transfer", {"reason": "Thẩm quyền"}, "unit"),
        ("transfer", {"reason": "Thẩm quyền", "unit": LEAD}, "unit"),
        ("transfer", {"reason": "Thẩm quyền", "unit": "so-vu-tru"}, "unit"),
        ("return", {"reason": "Bận"}, "reason"),
        ("return", {}, "reason"),
        ("propose_close", {}, "reason"),
        ("propose_close", {"reason": "Không còn cần", "unit": OTHER}, "unit"),
        ("start", {"unit": OTHER}, "unit"),
        ("start", {"due_on": "2024-07-01"}, "due_on"),
        ("start", {"reason": "a\0b"}, "reason"),
    ],
)
async def test_each_action_takes_what_it_needs_and_no_more(
    city: Api, action: str, body: dict[str, Any], field: str
) -> None:
    answer = await city.act(await assign(city), action, city.token("officer", "unit_head", unit=LEAD), **body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}"]


async def test_what_was_given_is_in_the_history(city: Api) -> None:
    task = await assign(city)
    moved = await city.act(task, "transfer", city.head(LEAD), unit=OTHER, reason="Thẩm quyền", content="")
    returned = await city.act(moved.json(), "return", city.officer(OTHER), reason="belongs_to_requester")
    assert returned.status_code == 200, returned.text
    lines = (await city.get(f"/v1/tasks/{task['code']}/history", city.coordinator)).json()["items"]
    assert [(line["action"], line["from_unit"], line["unit"], line["note"], line["details"]) for line in lines[1:]] == [
        ("transfer", LEAD, OTHER, "Thẩm quyền", {"reason": "Thẩm quyền", "unit": OTHER}),
        ("return", OTHER, "01", "belongs_to_requester", {"reason": "belongs_to_requester"}),
    ]


async def test_who_is_head_and_officer_acts_as_head(city: Api) -> None:
    task = await assign(city)
    both = city.token("officer", "unit_head", unit=task["lead_unit"])
    assert (await city.act(task, "start", both)).status_code == 200
    lines = (await city.get(f"/v1/tasks/{task['code']}/history", city.coordinator)).json()["items"]
    assert lines[-1]["role"] == "unit_head"


async def test_a_parent_that_follows_has_no_actor(city: Api) -> None:
    group = await assign(city, lead_unit="all-districts")
    child = (await city.get(f"/v1/tasks/{group['children'][0]}", city.coordinator)).json()
    assert (await city.act(child, "start", city.officer(child["lead_unit"]))).status_code == 200
    lines = (await city.get(f"/v1/tasks/{group['code']}/history", city.coordinator)).json()["items"]
    assert [(line["action"], line["actor"], line["role"], line["details"]) for line in lines[1:]] == [
        ("roll_up", None, None, {"child": child["code"]})
    ]


async def test_an_action_that_does_not_exist_has_no_path(city: Api) -> None:
    assert (await city.act(await assign(city), "dance", city.coordinator)).status_code == 404


async def test_each_item_of_many_has_a_result_of_its_own(city: Api) -> None:
    head, officer = city.head(LEAD), city.officer(LEAD)
    good, stale = await item(city), await item(city, version=7)
    forbidden, wrong = await item(city), await item(city)
    for each in (forbidden, wrong):
        await city.act(each, "start", officer)
        await city.act(each | {"version": 2}, "report", officer)
        each["version"] = 3
    await city.act(forbidden, "approve", head)
    forbidden["version"] = 4
    items = [good, stale, wrong, {"code": "a\0b", "version": 1}, {"code": good["code"]}, {"code": "NV-1", "version": 1}]
    answer = await city.send("POST", "/v1/tasks/actions/start", head, json={"items": items})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [(each["index"], each["status"], each["version"]) for each in results] == [
        (0, 200, 2), (1, 412, None), (2, 409, None), (3, 422, None), (4, 422, None), (5, 404, None),
    ]  # fmt: skip
    assert [each["code"] for each in results[:3]] == [good["code"], stale["code"], wrong["code"]]
    assert [error["field"] for error in results[4]["problem"]["errors"]] == ["body.items.4.version"]
    approved = await city.send("POST", "/v1/tasks/actions/approve", head, json={"items": [forbidden, wrong]})
    assert [(each["status"], each["version"]) for each in approved.json()["results"]] == [(403, None), (200, 4)]
    assert approved.json()["results"][0]["problem"]["code"] == "not-permitted"


async def test_many_repeated_under_one_key_change_nothing_more(city: Api) -> None:
    head = city.head(LEAD) | {"Idempotency-Key": "k"}
    body = {"items": [await item(city, content="Bắt đầu"), await item(city), await item(city, version=7)]}
    first = await city.send("POST", "/v1/tasks/actions/start", head, json=body)
    before = await city.events()
    again = await city.send("POST", "/v1/tasks/actions/start", head, json=body)
    assert [each["status"] for each in first.json()["results"]] == [200, 200, 412]
    assert (again.status_code, again.json()) == (200, first.json())
    assert await city.events() == before
    body["items"][1]["content"] = "Khác"
    other = await city.send("POST", "/v1/tasks/actions/start", head, json=body)
    assert [each["status"] for each in other.json()["results"]] == [200, 422, 412]


async def test_many_are_not_too_many_and_not_for_everyone(city: Api) -> None:
    one = {"code": "NV-1", "version": 1}
    for who, items, status in (
        (city.head(LEAD), [], 422),
        (city.head(LEAD), [one] * 201, 422),
        (city.token("citizen"), [one], 403),
    ):
        answer = await city.send("POST", "/v1/tasks/actions/start", who, json={"items": items})
        assert answer.status_code == status
