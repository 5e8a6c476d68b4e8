"""A task from its start through both approvals to the score of its lead unit, and back to its events."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.end_to_end.conftest import ScoresOf
from tests.support.http import Client, Clients, Json, Query


def today() -> str:
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()


def complete(task: str, unit: str, callers: Clients, desk: Client) -> Json:
    """The whole way; each step asks for the version that the one before it left."""
    path, head, officer = f"/v1/tasks/{task}", callers.as_head(unit), callers.as_officer(unit)
    assert officer.act(path, "start", version=1)["status"] == "in_progress"
    assert officer.act(path, "report", {"content": "Đã trình dự thảo"}, version=2)["status"] == "reported"
    endorsed = head.act(path, "approve", version=3)
    assert (endorsed["status"], endorsed["approvals"]) == ("reported", 1)
    return desk.act(path, "approve", version=4)


def test_a_task_goes_from_its_start_to_the_score(desk: Client, callers: Clients, scores: ScoresOf) -> None:
    unit = "so-tai-chinh"
    due_on = (datetime.now(UTC) + timedelta(days=40)).date()
    body = {
        "title": "Rà soát thủ tục hành chính",
        "lead_unit": unit,
        "due_on": due_on.isoformat(),
        "product": "Báo cáo",
    }
    code = desk.create("/v1/tasks", body)["code"]
    of_month = scores(unit, due_on.strftime("%Y-%m"))
    assert of_month.until("1.1.1", pending=1)["state"] == "missing"

    done = complete(code, unit, callers, desk)
    assert (done["status"], done["completed_late"]) == ("completed", False)
    assert of_month.until("1.1.1", pending=0, on_time=1)["score"] == 30
    assert of_month.leaf("1.1.2")["score"] == 10

    [fact] = of_month.evidence("1.1.1", code)
    # While the report awaited approval there was no duty: what counts begins with the approval.
    assert [(event["type"].split(".")[-2], event["version"]) for event in fact["events"]] == [("completed", 5)]
    history = desk.get(f"/v1/tasks/{code}/history")["items"]
    assert [line["action"] for line in history] == ["assign", "start", "report", "approve", "approve"]


def test_a_task_of_the_plan_completed_today_is_late(desk: Client, callers: Clients, scores: ScoresOf) -> None:
    unit = "vien-nghien-cuu-phat-trien-kinh-te-xa-hoi-ha-noi"
    [task] = desk.pages("/v1/tasks", unit=unit, role="lead")
    assert (task["number"], task["overdue"]) == (7, True)
    of_month = scores(unit, "2024-06")
    assert of_month.until("1.1.1", overdue=1)["score"] == 0
    assert of_month.leaf("1.1.2")["score"] == 0

    before = progress(desk, task["plan"])
    assert complete(task["code"], unit, callers, desk)["completed_late"] is True
    after = progress(desk, task["plan"])
    assert (after["completed"], after["completed_late"]) == (before["completed"] + 1, before["completed_late"] + 1)
    assert (after["overdue"], after["total"]) == (before["overdue"] - 1, before["total"])
    assert progress(desk, task["plan"], as_of="2025-01-01")["completed"] == 0

    of_month.until("1.1.1", overdue=0, late=1)
    assert (of_month.leaf("1.1.1")["score"], of_month.leaf("1.1.2")["score"]) == (0, 10)
    assert of_month.leaf("1.1.2", as_of="2025-01-01")["score"] == 0
    [fact] = of_month.evidence("1.1.1", task["code"])
    assert (fact["state"], [event["version"] for event in fact["events"]]) == ("late", [1, 5])


def progress(client: Client, plan: str, **query: Query) -> Json:
    return client.get(f"/v1/plans/{plan}/progress", **query)


def test_a_parent_follows_its_children(desk: Client, callers: Clients) -> None:
    body = {"title": "Công khai thủ tục", "lead_unit": "all-departments", "due_text": f"Quý IV/{int(today()[:4]) + 5}"}
    parent = desk.create("/v1/tasks", body)
    assert parent["fanned_out"] is True
    assert parent["due_on"] == f"{int(today()[:4]) + 5}-12-31"
    departments = {unit["code"] for unit in desk.pages("/v1/units", as_of=today(), kind="department")}
    children = {code.rpartition(".")[2]: code for code in parent["children"]}
    assert set(children) == departments
    for unit, code in children.items():
        assert desk.get(f"/v1/tasks/{parent['code']}")["status"] in {"not_started", "in_progress"}
        complete(code, unit, callers, desk)
    assert desk.get(f"/v1/tasks/{parent['code']}")["status"] == "completed"


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("return", {"reason": "out_of_competence"}),
        ("transfer", {"unit": "so-noi-vu", "reason": "Đúng chức năng hơn"}),
    ],
)
def test_handing_on_a_task_counts_once_it_is_judged_unjustified(
    action: str, body: dict[str, str], desk: Client, callers: Clients, scores: ScoresOf
) -> None:
    unit = {"return": "so-cong-thuong", "transfer": "so-van-hoa-va-the-thao"}[action]
    path = f"/v1/tasks/{desk.create('/v1/tasks', {'title': 'Việc của đơn vị khác', 'lead_unit': unit})['code']}"
    head = callers.as_head(unit)
    after = head.act(path, action, body, version=1)
    assert (after["handovers"], after["former_leads"]) == (1, [unit])
    assert head.get(path)["code"] == after["code"], "who led it may still see it"
    judged = {"handover": 2, "reason": "Đúng chức năng của đơn vị"}
    assert desk.act(path, "mark_unjustified", judged, version=2)["unjustified"] == [2]
    leaf = scores(unit, today()[:4]).until("3.1", happened=1)
    assert (leaf["score"], leaf["inputs"][0]["numerator"]) == (9.5, 1)
    assert desk.act(path, "mark_unjustified", judged | {"unjustified": False}, version=3)["unjustified"] == []
    assert scores(unit, today()[:4]).until("3.1", happened=0)["score"] is None
