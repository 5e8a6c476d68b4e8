"""A task from its start through both approvals to the score of its lead unit, and back to its events."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.end_to_end.conftest import Scores, act
from tests.support.system import pages

Office = Callable[[str], httpx.Client]
ScoresOf = Callable[[str, str], Scores]


def today() -> str:
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date().isoformat()


def complete(task: str, head: httpx.Client, desk: httpx.Client) -> dict[str, Any]:
    """The whole way; each step asks for the version that the one before it left."""
    path = f"/v1/tasks/{task}"
    assert act(head, path, "start", 1)["status"] == "in_progress"
    assert act(head, path, "report", 2, {"content": "Đã trình dự thảo"})["status"] == "reported"
    endorsed = act(head, path, "approve", 3)
    assert (endorsed["status"], endorsed["approvals"]) == ("reported", 1)
    return act(desk, path, "approve", 4)


def test_a_task_goes_from_its_start_to_the_score(desk: httpx.Client, office: Office, scores: ScoresOf) -> None:
    unit = "so-tai-chinh"
    due_on = (datetime.now(UTC) + timedelta(days=40)).date()
    body = {
        "title": "Rà soát thủ tục hành chính",
        "lead_unit": unit,
        "due_on": due_on.isoformat(),
        "product": "Báo cáo",
    }
    created = desk.post("/v1/tasks", json=body)
    assert created.status_code == 201, created.text
    code = created.json()["code"]
    of_month = scores(unit, due_on.strftime("%Y-%m"))
    assert of_month.until("1.1.1", pending=1)["state"] == "missing"

    done = complete(code, office(unit), desk)
    assert (done["status"], done["completed_late"]) == ("completed", False)
    assert of_month.until("1.1.1", pending=0, on_time=1)["score"] == 30
    assert of_month.leaf("1.1.2")["score"] == 10

    [fact] = of_month.evidence("1.1.1", code)
    assert [(event["type"].split(".")[-2], event["version"]) for event in fact["events"]] == [
        ("assigned", 1),
        ("completed", 5),
    ]
    history = desk.get(f"/v1/tasks/{code}/history").json()["items"]
    assert [line["action"] for line in history] == ["assign", "start", "report", "approve", "approve"]


def test_a_task_of_the_plan_completed_today_is_late(desk: httpx.Client, office: Office, scores: ScoresOf) -> None:
    unit = "vien-nghien-cuu-phat-trien-kinh-te-xa-hoi-ha-noi"
    [task] = pages(desk, "/v1/tasks", unit=unit, role="lead")
    assert (task["number"], task["overdue"]) == (7, True)
    of_month = scores(unit, "2024-06")
    assert of_month.until("1.1.1", overdue=1)["score"] == 0
    assert of_month.leaf("1.1.2")["score"] == 0

    before = progress(desk, task["plan"])
    assert complete(task["code"], office(unit), desk)["completed_late"] is True
    after = progress(desk, task["plan"])
    assert (after["completed"], after["completed_late"]) == (before["completed"] + 1, before["completed_late"] + 1)
    assert (after["overdue"], after["total"]) == (before["overdue"] - 1, before["total"])
    assert progress(desk, task["plan"], as_of="2025-01-01")["completed"] == 0

    of_month.until("1.1.1", overdue=0, late=1)
    assert (of_month.leaf("1.1.1")["score"], of_month.leaf("1.1.2")["score"]) == (0, 10)
    assert of_month.leaf("1.1.2", as_of="2025-01-01")["score"] == 0
    [fact] = of_month.evidence("1.1.1", task["code"])
    assert (fact["state"], [event["version"] for event in fact["events"]]) == ("late", [1, 5])


def progress(client: httpx.Client, plan: str, **query: str) -> dict[str, Any]:
    return dict(client.get(f"/v1/plans/{plan}/progress", params=query).raise_for_status().json())


def test_a_parent_follows_its_children(desk: httpx.Client, office: Office) -> None:
    body = {"title": "Công khai thủ tục", "lead_unit": "all-departments", "due_text": f"Quý IV/{int(today()[:4]) + 5}"}
    parent = desk.post("/v1/tasks", json=body).raise_for_status().json()
    assert parent["fanned_out"] is True
    assert parent["due_on"] == f"{int(today()[:4]) + 5}-12-31"
    departments = {unit["code"] for unit in pages(desk, "/v1/units", as_of=today(), kind="department")}
    children = {code.rpartition(".")[2]: code for code in parent["children"]}
    assert set(children) == departments
    for unit, code in children.items():
        assert desk.get(f"/v1/tasks/{parent['code']}").json()["status"] in {"not_started", "in_progress"}
        complete(code, office(unit), desk)
    assert desk.get(f"/v1/tasks/{parent['code']}").json()["status"] == "completed"


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("return", {"reason": "out_of_competence"}),
        ("transfer", {"unit": "so-noi-vu", "reason": "Đúng chức năng hơn"}),
    ],
)
def test_handing_on_a_task_is_counted_against_the_lead(
    action: str, body: Any, desk: httpx.Client, office: Office, scores: ScoresOf
) -> None:
    unit = {"return": "so-cong-thuong", "transfer": "so-van-hoa-va-the-thao"}[action]
    created = desk.post("/v1/tasks", json={"title": "Việc của đơn vị khác", "lead_unit": unit}).raise_for_status()
    head = office(unit)
    after = act(head, f"/v1/tasks/{created.json()['code']}", action, 1, body)
    assert (after["handovers"], after["former_leads"]) == (1, [unit])
    leaf = scores(unit, today()[:4]).until("3.1", happened=1)
    assert (leaf["score"], leaf["inputs"][0]["numerator"]) == (9.5, 1)
    assert head.get(f"/v1/tasks/{after['code']}").status_code == 200
