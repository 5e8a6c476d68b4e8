"""One action on many reports in one call: each item has a result of its own."""

from typing import Any

from sqlalchemy import func, select

from feedback_api.metadata import outbox
from feedback_api.reports.models import feedback

from ..conftest import HOME_AFFAIRS, JUSTICE, People, Service


async def assigned(service: Service, people: People, unit: str = HOME_AFFAIRS) -> str:
    """The code of a report that the desk has given to a unit; its version is 2."""
    code: str = (await service.post({"unit": unit}, **people["citizen"])).json()["code"]
    assert (await service.act(code, "assign", people["desk"], 1)).status_code == 200
    return code


async def events(service: Service) -> int:
    ((count,),) = await service.rows(select(func.count()).select_from(outbox))
    return int(count)


async def test_each_item_has_a_result_of_its_own(service: Service, people: People) -> None:
    good, stale = await assigned(service, people), await assigned(service, people)
    elsewhere, not_assigned = await assigned(service, people, JUSTICE), (await service.post()).json()["code"]
    former = await assigned(service, people)
    await service.act(former, "transfer", people["officer"], 2, {"unit": JUSTICE, "reason": "x"})
    items: list[dict[str, Any]] = [
        {"code": good, "version": 2},
        {"code": stale, "version": 1},
        {"code": former, "version": 3},
        {"code": elsewhere, "version": 2},
        {"code": not_assigned, "version": "first"},
        {"code": good, "version": 3},
    ]
    answer = await service.act_on_many("accept", people["officer"], items)
    assert answer.status_code == 200
    results = answer.json()["results"]
    assert [(result["status"], result["version"]) for result in results] == [
        (200, 3),
        (412, None),
        (403, None),
        (404, None),
        (422, None),
        (409, None),
    ]
    assert [result["index"] for result in results] == list(range(6))
    assert results[4]["problem"]["errors"][0]["field"] == "body.items.4.version"
    statuses = dict(await service.rows(select(feedback.c.code, feedback.c.status)))
    assert statuses == {
        good: "accepted",
        stale: "assigned",
        former: "assigned",
        elsewhere: "assigned",
        not_assigned: "received",
    }


async def test_the_same_key_again_changes_nothing(service: Service, people: People) -> None:
    items: list[dict[str, Any]] = [
        {"code": await assigned(service, people), "version": 2, "unit": JUSTICE, "reason": "x"} for _ in range(3)
    ]
    items[1] |= {"version": 7}
    first = await service.act_on_many("transfer", people["officer"], items, **{"Idempotency-Key": "k"})
    assert [result["status"] for result in first.json()["results"]] == [200, 412, 200]
    before = await events(service)
    again = await service.act_on_many("transfer", people["officer"], items, **{"Idempotency-Key": "k"})
    assert again.json() == first.json()
    assert await events(service) == before
    items[0] |= {"reason": "another"}
    other = await service.act_on_many("transfer", people["officer"], items, **{"Idempotency-Key": "k"})
    assert other.json()["results"][0]["problem"]["code"] == "idempotency-key-reused"


async def test_a_round_of_the_desk_and_of_a_unit_is_one_request_each(service: Service, people: People) -> None:
    """What officials do in the morning, each action on all of its reports."""
    codes = [(await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()["code"] for _ in range(3)]
    words = {"answer": "Kết quả có tại Bộ phận Một cửa", "outcome": "resolved"}
    rounds: list[tuple[str, str, dict[str, Any]]] = [
        ("classify", "desk", {"category": "lighting"}),
        ("assign", "desk", {}),
        ("accept", "officer", {}),
        ("add_note", "officer", {"note": "Đã gọi"}),
        ("draft_answer", "officer", words),
        ("approve_answer", "head", {}),
        ("publish", "head", {}),
        ("close", "officer", {"explanation": "Đã trả kết quả"}),
    ]
    for version, (action, who, given) in enumerate(rounds, 1):
        items = [{"code": code, "version": version, **given} for code in codes]
        answer = await service.act_on_many(action, people[who], items, **{"Idempotency-Key": action})
        assert [(each["status"], each["version"]) for each in answer.json()["results"]] == [(200, version + 1)] * 3
    others = [(await service.post({}, **people["citizen"])).json()["code"] for _ in range(2)]
    marked = [{"code": code, "version": 1, "original": codes[0]} for code in others]
    answer = await service.act_on_many("mark_duplicate", people["desk"], marked)
    assert [each["status"] for each in answer.json()["results"]] == [200, 200]


async def test_bulk_actions_have_the_callers_and_the_limits_of_actions(service: Service, people: People) -> None:
    item = {"code": "PA-26-000001", "version": 1}
    assert (await service.act_on_many("accept", {}, [item])).status_code == 401
    assert (await service.act_on_many("accept", people["citizen"], [item])).status_code == 403
    assert (await service.act_on_many("accept", people["officer"], [])).status_code == 422
    assert (await service.act_on_many("accept", people["officer"], [item] * 201)).status_code == 422
