"""A report from the gateway to the score of its unit, and back from the score to the report's events."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.end_to_end.conftest import ScoresOf
from tests.support.http import Client, Clients, Json

REPORT = {"channel": "ihanoi", "kind": "on_site", "category": "lighting", "content": "Đèn đường hỏng ba đêm liền"}


def send(client: Client, **fields: str) -> Json:
    reply = client.send("POST", "/v1/feedback", json=REPORT | fields)
    assert reply.status_code == 201, reply.text
    assert reply.headers["Location"] == f"/v1/feedback/{reply.json()['code']}"
    assert reply.headers["ETag"] == '"1"'
    return dict(reply.json())


def this_year() -> str:
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).strftime("%Y")


def month(due_at: str) -> str:
    """The local month in which a duty with that deadline counts."""
    return (datetime.fromisoformat(due_at) + timedelta(hours=7)).strftime("%Y-%m")


def test_a_report_goes_from_the_gateway_to_the_score(
    citizen: Client, desk: Client, callers: Clients, scores: ScoresOf
) -> None:
    unit = "so-y-te"
    received = send(citizen)
    assert received["status"] == "received"
    assert received["unit"] == "trung-tam-phuc-vu-hanh-chinh-cong-thanh-pho"
    start = received["received_at"]
    accepted_by = citizen.get("/v1/calendar/deadline", start=start, working_hours=8)
    assert accepted_by["due_at"] == received["accept_due_at"]
    resolved_by = citizen.get("/v1/calendar/deadline", start=start, working_days=5)
    assert resolved_by["due_at"] == received["resolve_due_at"]
    path = f"/v1/feedback/{received['code']}"
    head = callers.as_head(unit)

    assigned = desk.act(path, "assign", {"unit": unit}, version=1)
    acceptance = scores(unit, month(assigned["accept_due_at"]))
    assert acceptance.until("2.1", pending=1, on_time=0)["state"] == "missing"

    accepted = head.act(path, "accept", version=2)
    assert acceptance.until("2.1", pending=0, on_time=1)["score"] == 15
    resolution = scores(unit, month(accepted["resolve_due_at"]))
    assert resolution.leaf("2.2")["state"] == "missing"

    head.act(path, "draft_answer", {"answer": "Đã thay bóng đèn", "outcome": "resolved"}, version=3)
    assert citizen.get(path)["answer"] is None
    head.act(path, "approve_answer", version=4)
    assert resolution.until("2.2", pending=0, on_time=1)["score"] == 35
    assert head.act(path, "publish", version=5)["status"] == "published"
    assert citizen.get(path)["answer"] == "Đã thay bóng đèn"

    history = desk.get(f"{path}/history")["items"]
    assert [line["action"] for line in history] == [
        "receive",
        "assign",
        "accept",
        "draft_answer",
        "approve_answer",
        "publish",
    ]
    clocks = citizen.get(f"{path}/clocks")
    assert (clocks["acceptance"]["state"], clocks["resolution"]["state"]) == ("met", "met")

    [fact] = acceptance.evidence("2.1", received["code"])
    assert [(event["type"].split(".")[-2], event["version"]) for event in fact["events"]] == [
        ("assigned", 2),
        ("accepted", 3),
    ]
    [fact] = resolution.evidence("2.2", received["code"])
    assert [event["version"] for event in fact["events"]] == [2, 5]
    assert len({event["id"] for event in fact["events"]}) == 2


def test_the_score_says_that_nobody_decided_its_weights(citizen: Client, scores: ScoresOf) -> None:
    send(citizen, unit="so-ngoai-vu")
    answer = scores("so-ngoai-vu", this_year()).now()
    assert answer["template"] is True
    assert answer["provisional"] is True
    assert "tự đặt" in answer["notice"]
    assert "invented" in answer["notice_en"]
    assert answer["version"]
    assert len(answer["sha256"]) == 64


def test_a_report_becomes_overdue_with_no_event_for_it(callers: Clients, scores: ScoresOf) -> None:
    """Nobody assigned it: the desk answers for it."""
    received = send(callers.as_system(), channel="email", received_at="2025-09-08T02:00:00Z")
    of_month = scores(received["unit"], "2025-09")
    assert of_month.until("2.1", overdue=1)["score"] == 0
    assert of_month.until("2.2", overdue=1)["score"] == 0
    before = of_month.leaf("2.2", as_of=_a_moment_before(received["resolve_due_at"]))
    after = of_month.leaf("2.2", as_of=received["resolve_due_at"])
    assert (before["state"], before["inputs"][0]["pending"]) == ("missing", 1)
    assert (after["state"], after["score"], after["inputs"][0]["overdue"]) == ("scored", 0, 1)
    [fact] = of_month.evidence("2.2", received["code"])
    assert fact["state"] == "overdue"
    assert [event["version"] for event in fact["events"]] == [1]
    in_time = of_month.now(as_of=_a_moment_before(received["accept_due_at"]))
    assert (in_time["percent"], of_month.now()["percent"]) == (None, 16.67)


def test_a_report_not_due_yet_will_be_overdue_if_nothing_happens(
    citizen: Client, desk: Client, scores: ScoresOf
) -> None:
    received = send(citizen, unit="thanh-tra-thanh-pho")
    assigned = desk.act(f"/v1/feedback/{received['code']}", "assign", {}, version=1)
    of_month = scores("thanh-tra-thanh-pho", month(assigned["own_resolve_due_at"]))
    assert of_month.until("2.2", pending=1)["state"] == "missing"
    late = of_month.leaf("2.2", as_of=assigned["own_resolve_due_at"])
    assert (late["score"], late["inputs"][0]["overdue"]) == (0, 1)


def _a_moment_before(instant: str) -> str:
    return (datetime.fromisoformat(instant) - timedelta(microseconds=1)).isoformat()


@pytest.mark.parametrize(("action", "body"), [("return", {"reason": "out_of_competence"}), ("transfer", None)])
def test_handing_on_is_counted_against_the_unit_once_it_is_judged(
    action: str, body: dict[str, str] | None, desk: Client, callers: Clients, scores: ScoresOf
) -> None:
    unit, other = {"return": ("so-tu-phap", "so-noi-vu"), "transfer": ("so-dan-toc-va-ton-giao", "so-noi-vu")}[action]
    received = send(callers.as_system(), unit=unit)
    path = f"/v1/feedback/{received['code']}"
    desk.act(path, "assign", {}, version=1)
    body = body or {"unit": other, "reason": "Thuộc thẩm quyền Sở Nội vụ"}
    after = callers.as_head(unit).act(path, action, body, version=2)
    assert after["handovers"] == 1
    assert after["unit"] != unit
    desk.act(path, "mark_unjustified", {"handover": 3, "reason": "Việc của chính đơn vị"}, version=3)
    leaf = scores(unit, this_year()).until("3.1", happened=1)
    assert (leaf["score"], leaf["inputs"][0]["numerator"]) == (9.5, 1)
