"""What can become of a report beside the straight way: over HTTP against a real database."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from feedback_api.metadata import outbox

from ..conftest import HOME_AFFAIRS, JUSTICE, People, Service

ANSWER = {"answer": "Đã thay bóng đèn ở số 12", "outcome": "resolved"}
Steps = list[tuple[str, str, dict[str, Any]]]
ACCEPTED: Steps = [("assign", "desk", {}), ("accept", "officer", {})]
ANSWERED: Steps = [*ACCEPTED, ("draft_answer", "officer", ANSWER), ("approve_answer", "head", {})]


class Report:
    """A report of the citizen, and who does what with it."""

    def __init__(self, service: Service, people: People) -> None:
        self.service, self.people, self.version = service, people, 1

    async def received(self, **body: object) -> "Report":
        answer = await self.service.post({"unit": HOME_AFFAIRS, "kind": "conduct"} | body, **self.people["citizen"])
        self.code, self.secret = answer.json()["code"], answer.json()["tracking_secret"]
        return self

    async def act(self, action: str, who: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """The report afterwards, or the problem."""
        answer = await self.service.act(self.code, action, self.people[who], self.version, body)
        self.version += answer.status_code == 200
        return {"http": answer.status_code} | dict(answer.json())

    async def go(self, steps: Steps) -> "Report":
        for action, who, body in steps:
            assert (await self.act(action, who, body))["http"] == 200, action
        return self

    async def get(self, what: str = "", who: str = "citizen") -> dict[str, Any]:
        answer = await self.service.client.get(f"/v1/feedback/{self.code}{what}", headers=self.people[who])
        assert answer.status_code == 200
        return dict(answer.json())


@pytest.fixture
async def report(service: Service, people: People) -> Report:
    return await Report(service, people).received()


async def test_the_clocks_stand_still_while_the_sender_is_asked(report: Report, clock: FixedClock) -> None:
    await report.go(ACCEPTED)
    due_at = (await report.get())["resolve_due_at"]
    asked = await report.act("ask_supplement", "officer", {"question": "Ở số nhà nào?"})
    assert (asked["status"], asked["resolve_due_at"], asked["paused_since"]) == (
        "supplement_requested", due_at, "2026-11-18T02:00:00Z",
    )  # fmt: skip
    clock.advance(timedelta(days=30))
    clocks = await report.get("/clocks")
    assert clocks["resolution"]["state"] == "paused"
    assert clocks["resolution"]["pauses"] == [{"since": "2026-11-18T02:00:00Z", "until": None}]
    assert (await report.get("/history"))["items"][-1]["note"] == "Ở số nhà nào?"
    supplied = await report.act("supplement", "citizen", {"text": "Số 12"})
    assert (supplied["http"], supplied["status"], supplied["paused_since"]) == (200, "in_progress", None)
    assert supplied["resolve_due_at"] == "2026-12-25T10:30:00Z", "five working days and what was left of the first"
    clocks = await report.get("/clocks", "officer")
    for shown in (clocks["resolution"], clocks["own"]["resolution"]):
        assert (shown["state"], shown["pauses"]) == (
            "running", [{"since": "2026-11-18T02:00:00Z", "until": "2026-12-18T02:00:00Z"}],
        )  # fmt: skip


async def test_a_sender_without_an_account_answers_rates_and_reopens_by_the_secret(
    service: Service, people: People
) -> None:
    answer = await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})
    code, secret = answer.json()["code"], {"X-Tracking-Secret": answer.json()["tracking_secret"]}
    steps: Steps = [
        *ACCEPTED,
        ("ask_supplement", "officer", {"question": "Ở đâu?"}),
        ("supplement", "sender", {"text": "Số 12"}),
        ("draft_answer", "officer", ANSWER),
        ("approve_answer", "head", {}),
        ("rate", "sender", {"satisfied": False, "comment": "Vẫn tối"}),
        ("reopen", "sender", {"reason": "Đèn vẫn hỏng"}),
    ]
    for version, (action, who, body) in enumerate(steps, 1):
        caller = secret if who == "sender" else people[who]
        done = await service.act(code, action, caller, version, body)
        assert done.status_code == 200, (action, done.text)
    assert (done.json()["status"], done.json()["reopenings"]) == ("reopened", 1)
    items = (await service.client.get(f"/v1/feedback/{code}/history", headers=people["desk"])).json()["items"]
    assert [(item.get("actor"), item["role"]) for item in items if item["action"] == "rate"] == [(None, "citizen")]


async def test_a_key_of_somebody_without_an_account_opens_no_report(service: Service, people: People) -> None:
    answer = await service.post({"unit": HOME_AFFAIRS, "kind": "conduct"})
    code, secret = answer.json()["code"], {"X-Tracking-Secret": answer.json()["tracking_secret"]}
    for version, (action, who, body) in enumerate(ANSWERED, 1):
        assert (await service.act(code, action, people[who], version, body)).status_code == 200
    key, words = {"Idempotency-Key": "1"}, {"satisfied": True}
    first = await service.act(code, "rate", secret | key, 5, words)
    again = await service.act(code, "rate", secret | key, 5, words)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    for other in ({}, {"X-Tracking-Secret": "guessed"}, people["other_citizen"]):
        assert (await service.act(code, "rate", other | key, 5, words)).status_code == 404


async def test_time_is_extended_once_and_only_in_time(report: Report, people: People, clock: FixedClock) -> None:
    await report.go(ACCEPTED)
    assert (await report.act("extend", "officer", {"days": 3, "reason": "x"}))["http"] == 403
    assert (await report.act("extend", "head", {"days": 11, "reason": "x"}))["errors"][0]["field"] == "body.days"
    before = await report.get()
    after = await report.act("extend", "head", {"days": 3, "reason": "Chờ vật tư"})
    assert (before["resolve_due_at"], after["resolve_due_at"]) == ("2026-11-26T10:30:00Z", "2026-12-01T10:30:00Z")
    assert (await report.get("/clocks"))["resolution"]["extensions"] == [
        {"former_due_at": before["resolve_due_at"], "due_at": after["resolve_due_at"], "reason": "Chờ vật tư"}
    ]
    again = await report.act("extend", "head", {"days": 1, "reason": "x"})
    assert (again["http"], "extend" in again["possible"]) == (409, False)
    late = await (await Report(report.service, people).received()).go(ACCEPTED)
    clock.advance(timedelta(days=20))
    assert (await late.act("extend", "head", {"days": 1, "reason": "x"}))["http"] == 422


async def test_the_head_sends_a_draft_back(report: Report) -> None:
    await report.go([*ACCEPTED, ("draft_answer", "officer", ANSWER)])
    rejected = await report.act("reject_answer", "head", {"reason": "Chưa nói rõ khi nào"})
    assert (rejected["status"], rejected["answer"]) == ("in_progress", ANSWER["answer"])
    entry = (await report.get("/history", "officer"))["items"][-1]
    assert (entry["note"], entry["details"]) == (None, {"reason": "Chưa nói rõ khi nào"})
    assert (await report.get())["answer"] is None
    await report.go([("draft_answer", "officer", ANSWER), ("approve_answer", "head", {})])


async def test_a_rating_is_given_once_and_a_published_answer_stays_published(report: Report) -> None:
    await report.go([*ANSWERED, ("rate", "citizen", {"satisfied": True})])
    assert (await report.act("rate", "citizen", {"satisfied": False}))["http"] == 409
    published = await report.act("publish", "officer")
    assert (published["status"], published["satisfied"]) == ("published", True)
    assert (await report.act("publish", "officer"))["http"] == 409
    assert "rate" not in (await report.get())["possible"]
    closed = await report.act("close", "officer", {"explanation": "Đã thay bóng"})
    assert (closed["status"], closed["outcome"]) == ("closed", "resolved")


async def test_what_is_opened_again_has_new_clocks_and_the_first_answer_keeps_its_time(
    report: Report, clock: FixedClock
) -> None:
    await report.go(ANSWERED)
    clock.advance(timedelta(days=10))
    reopened = await report.act("reopen", "citizen", {"reason": "Vẫn hỏng"})
    assert (reopened["status"], reopened["answered_at"], reopened["accepted_at"]) == ("reopened", None, None)
    assert reopened["accept_due_at"] == "2026-11-30T10:30:00Z", "eight working hours from Saturday on"
    clocks = await report.get("/clocks", "officer")
    assert (clocks["acceptance"]["state"], clocks["own"]["acceptance"]["state"]) == ("running", "running")
    await report.go([("accept", "officer", {}), ("draft_answer", "officer", ANSWER), ("approve_answer", "head", {})])
    clock.advance(timedelta(days=16))
    late = await report.act("reopen", "citizen", {"reason": "Vẫn hỏng"})
    assert (late["http"], late["errors"][0]["field"]) == (422, "body.reason")


async def test_what_was_done_on_the_spot_is_shown_before_it_is_closed(service: Service, people: People) -> None:
    report = await (await Report(service, people).received(kind="on_site")).go(ANSWERED)
    bare = await report.act("close", "officer", {"explanation": "Đã thay bóng"})
    assert (bare["http"], bare["errors"][0]["field"]) == (422, "body.explanation")
    path = f"/v1/feedback/{report.code}/attachments"
    for purpose, status in (("before", 422), ("after", 200)):
        file = {"file": ("x.pdf", f"%PDF-1.4 {purpose}\n%%EOF\n".encode(), "application/pdf")}
        sent = await service.client.post(path, data={"purpose": purpose}, files=file, headers=people["officer"])
        assert sent.status_code == 201, sent.text
        assert (await report.act("close", "officer", {"explanation": "Đã thay bóng"}))["http"] == status


@pytest.mark.parametrize("who", ["desk", "head"])
async def test_who_is_refused_is_told_where_to_go(report: Report, who: str) -> None:
    await report.go(ACCEPTED)
    assert (await report.act("refuse", "officer", {"reason": "complaint"}))["http"] == 403
    assert "complaint" in (await report.act("refuse", who, {"reason": "weather"}))["errors"][0]["message"]
    refused = await report.act("refuse", who, {"reason": "complaint", "explanation": "Xin gửi trước 30/11."})
    assert (refused["status"], refused["refusal"]) == ("refused", "complaint")
    note = (await report.get("/history"))["items"][-1]["note"]
    assert "Luật Khiếu nại" in note
    assert note.endswith("Xin gửi trước 30/11.")
    assert (await report.get())["provisional"] is False


async def test_a_refusal_is_not_the_last_word(report: Report, clock: FixedClock) -> None:
    """Its sender may have the report opened again, and then the unit that refused it has to answer."""
    await report.go([*ACCEPTED, ("refuse", "head", {"reason": "out_of_scope"})])
    reopened = await report.act("reopen", "citizen", {"reason": "Đèn của thành phố"})
    assert (reopened["status"], reopened["unit"], reopened["refusal"]) == ("reopened", HOME_AFFAIRS, None)
    assert (await report.get("/clocks", "officer"))["own"]["resolution"]["state"] == "running"
    await report.go([("refuse", "desk", {"reason": "out_of_scope"})])
    clock.advance(timedelta(days=16))
    assert (await report.act("reopen", "citizen", {"reason": "x"}))["http"] == 422


async def test_a_duplicate_points_to_the_first(report: Report, people: People) -> None:
    first = await (await Report(report.service, people).received()).go(ACCEPTED)
    for wrong in (report.code, "PA-26-999999"):
        problem = await report.act("mark_duplicate", "desk", {"original": wrong})
        assert (problem["http"], problem["errors"][0]["field"]) == (422, "body.original")
    marked = await report.act("mark_duplicate", "desk", {"original": first.code})
    assert (marked["status"], marked["duplicate_of"]) == ("duplicate", first.code)
    back = await first.act("mark_duplicate", "desk", {"original": report.code})
    assert back["http"] == 422, "two would point at each other"


async def test_only_a_hand_over_by_a_unit_is_judged_and_the_judgement_withdrawn(
    report: Report, service: Service
) -> None:
    moved: Steps = [
        ("assign", "desk", {}),
        ("transfer", "officer", {"unit": JUSTICE, "reason": "x"}),
        ("transfer", "desk", {"unit": HOME_AFFAIRS, "reason": "x"}),
    ]
    await report.go(moved)
    assert (await report.get())["handovers"] == 1
    judged = {"handover": 3, "reason": "Việc thuộc Sở Nội vụ"}
    assert (await report.act("mark_unjustified", "officer", judged))["http"] == 403
    for version in (2, 4, 9):
        problem = await report.act("mark_unjustified", "desk", judged | {"handover": version})
        assert problem["errors"][0]["field"] == "body.handover", version
    assert (await report.act("mark_unjustified", "desk", judged | {"unjustified": False}))["http"] == 422
    for unjustified, versions in ((True, [3]), (False, []), (True, [3])):
        after = await report.act("mark_unjustified", "desk", judged | {"unjustified": unjustified})
        assert (after["http"], after["unjustified"]) == (200, versions)
        assert (await report.act("mark_unjustified", "desk", judged | {"unjustified": unjustified}))["http"] == 422
    rows = await service.rows(select(outbox).where(outbox.c.type.like("%judged%")).order_by(outbox.c.seq))
    assert [(row.payload.get("handover"), row.payload.get("withdraws")) for row in rows] == [
        (3, None),
        (3, 5),
        (3, None),
    ]


async def test_a_classification_moves_the_clocks_and_says_from_what_to_what(report: Report, people: People) -> None:
    assert (await report.act("classify", "desk", {"category": "weather"}))["http"] == 422
    after = await report.act("classify", "desk", {"severity": "urgent", "category": "lighting", "kind": "on_site"})
    assert (after["status"], after["severity"], after["category"]) == ("classified", "urgent", "lighting")
    assert after["resolve_due_at"] < (await (await Report(report.service, people).received()).get())["resolve_due_at"]
    details = (await report.get("/history", "desk"))["items"][-1]["details"]
    assert details["severity"] == {"from": "normal", "to": "urgent"}
    await report.go([("assign", "desk", {})])
    assert (await report.act("classify", "desk", {"severity": "normal"}))["status"] == "assigned"


async def test_a_note_is_for_colleagues_unless_it_is_said_to_be_public(report: Report) -> None:
    await report.go(
        [("add_note", "desk", {"note": "Gọi lại sau"}), ("add_note", "desk", {"note": "Đã gọi", "public": True})]
    )
    notes = [item["note"] for item in (await report.get("/history"))["items"]]
    assert notes == [None, None, "Đã gọi"]
    officials = (await report.get("/history", "desk"))["items"]
    assert officials[1]["details"] == {"note": "Gọi lại sau"}
