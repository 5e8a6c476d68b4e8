"""Actions, and who may see and do what, over HTTP against a real database."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Role
from cchc_shared.directory.models import units
from feedback_api import bootstrap
from feedback_api.metadata import outbox
from feedback_api.reports.transitions import FeedbackAction
from feedback_api.settings import FeedbackSettings
from tests.support.at_once import InProcess
from tests.support.tokens import TestTokens

from ..conftest import CENTRE, ENDED, HOME_AFFAIRS, JUSTICE, People, Service

WAY: list[tuple[str, str, dict[str, Any]]] = [
    ("assign", "desk", {}),
    ("accept", "officer", {}),
    ("draft_answer", "officer", {"answer": "Kết quả có tại Bộ phận Một cửa", "outcome": "resolved"}),
    ("approve_answer", "head", {}),
    ("publish", "head", {}),
]


async def report(service: Service, people: People, upto: str | None = None, **body: object) -> tuple[str, int]:
    """Code and version of a new report of the citizen, taken on its way up to and with that action."""
    answer = await service.post({"unit": HOME_AFFAIRS} | body, **people["citizen"])
    code, version = answer.json()["code"], 1
    if upto is not None:
        for action, who, words in WAY:
            assert (await service.act(code, action, people[who], version, words)).status_code == 200
            version += 1
            if action == upto:
                break
    return code, version


async def test_a_report_is_taken_to_its_end(service: Service, people: People, clock: FixedClock) -> None:
    code, _ = await report(service, people)
    for version, (action, who, words) in enumerate(WAY, 1):
        clock.advance(timedelta(minutes=10))
        answer = await service.act(code, action, people[who], version, words)
        assert answer.status_code == 200
        assert answer.headers["etag"] == f'"{version + 1}"'
    assert (answer.json()["status"], answer.json()["possible"]) == ("published", ["close", "merge", "add_note"])
    events = await service.rows(select(outbox).order_by(outbox.c.seq))
    assert [(event.aggregateversion, event.type.split(".")[-2]) for event in events] == [
        (1, "received"),
        (2, "assigned"),
        (3, "accepted"),
        (4, "answer_drafted"),
        (5, "answer_approved"),
        (6, "published"),
    ]
    assert "Một cửa" not in str(events)
    clocks = (await service.client.get(f"/v1/feedback/{code}/clocks", headers=people["citizen"])).json()
    assert clocks["acceptance"].pop("rule")["id"] == "acceptance-qd1207"
    assert clocks["acceptance"] == {
        "started_at": "2026-11-18T02:00:00Z",
        "due_at": "2026-11-19T02:00:00Z",
        "provisional": False,
        "stopped_at": "2026-11-18T02:20:00Z",
        "state": "met",
        "pauses": [],
        "extensions": [],
    }
    assert clocks["resolution"]["state"] == "met"


async def test_history_tells_who_did_what(service: Service, people: People) -> None:
    code, _ = await report(service, people, "accept")
    path = f"/v1/feedback/{code}/history"
    official = (await service.client.get(path, headers=people["officer"])).json()["items"]
    assert [(entry["action"], entry["role"], entry.get("actor")) for entry in official] == [
        ("receive", "citizen", None),
        ("assign", "coordinator", "desk-1"),
        ("accept", "officer", "officer-1"),
    ]
    assert set(official[1]) == {
        "version", "action", "at", "recorded_at", "from_status", "status", "from_unit", "unit", "role", "note", "actor",
        "details", "holder", "own_accept_due_at", "own_resolve_due_at", "resolve_due_at", "missed_by",
    }  # fmt: skip
    public = (await service.client.get(path, headers=people["citizen"])).json()["items"]
    assert not set(public[1]) & {"actor", "details", "holder", "own_resolve_due_at", "missed_by"}
    assert [(entry["from_status"], entry["status"]) for entry in public][1:] == [
        ("received", "assigned"),
        ("assigned", "accepted"),
    ]


async def test_history_tells_when_a_late_delivery_was_written_down(service: Service, people: People) -> None:
    answer = await service.post({"received_at": "2024-01-15T23:30:00+07:00", "channel": "email"}, **people["system"])
    path = f"/v1/feedback/{answer.json()['code']}/history"
    (entry,) = (await service.client.get(path, headers=people["desk"])).json()["items"]
    assert (entry["at"], entry["recorded_at"]) == ("2024-01-15T16:30:00Z", "2026-11-18T02:00:00Z")
    assert "actor" not in entry


async def test_each_draft_of_an_answer_is_kept(service: Service, people: People) -> None:
    code, version = await report(service, people, "draft_answer")
    better = {"answer": "Đã thay bóng đèn ngày 17/11", "outcome": "resolved"}
    assert (await service.act(code, "draft_answer", people["officer"], version, better)).status_code == 200
    history = (await service.client.get(f"/v1/feedback/{code}/history", headers=people["officer"])).json()["items"]
    assert [entry["details"]["answer"] for entry in history[-2:]] == [
        "Kết quả có tại Bộ phận Một cửa",
        better["answer"],
    ]
    public = (await service.client.get(f"/v1/feedback/{code}/history", headers=people["citizen"])).text
    assert better["answer"] not in public


async def test_details_of_an_action_are_for_officials(service: Service, people: People) -> None:
    code, _ = await report(service, people, "draft_answer")
    last = [
        (await service.client.get(f"/v1/feedback/{code}/history", headers=people[who])).json()["items"][-1]
        for who in ("officer", "citizen")
    ]
    assert [entry.get("details") for entry in last] == [
        {"outcome": "resolved", "answer": "Kết quả có tại Bộ phận Một cửa"},
        None,
    ]


async def test_a_report_shows_what_this_caller_can_do_now(service: Service, people: People) -> None:
    code, _ = await report(service, people, "draft_answer")
    expected = {
        "citizen": [],
        "desk": ["merge", "add_note"],
        "officer": ["draft_answer", "merge", "add_note"],
        "head": ["extend", "draft_answer", "reject_answer", "approve_answer", "merge", "add_note"],
    }
    for who, actions in expected.items():
        seen = await service.client.get(f"/v1/feedback/{code}", headers=people[who])
        assert seen.json()["possible"] == actions


async def test_the_role_of_an_action_is_the_one_that_allows_it(
    service: Service, people: People, tokens: TestTokens
) -> None:
    code, version = await report(service, people, "assign")
    both = tokens(sub="both", roles=["coordinator", "unit_head", "officer"], unit=HOME_AFFAIRS)
    await service.act(code, "transfer", both, version, {"unit": JUSTICE, "reason": "x"})
    await service.act(code, "transfer", both, version + 1, {"unit": HOME_AFFAIRS, "reason": "x"})
    entries = (await service.client.get(f"/v1/feedback/{code}/history", headers=people["desk"])).json()["items"]
    assert [entry["role"] for entry in entries][-2:] == ["unit_head", "coordinator"]


async def test_history_is_never_changed(service: Service, people: People) -> None:
    await report(service, people)
    for statement in (
        "UPDATE feedback_history SET note = 'x'",
        "DELETE FROM feedback_history",
        "TRUNCATE feedback_history",
    ):
        with pytest.raises(DBAPIError, match="append-only"):
            async with service.here.engine.begin() as conn:
                await conn.execute(text(statement))


async def test_hand_overs_are_counted_and_the_former_unit_reads_on(
    service: Service, people: People, clock: FixedClock
) -> None:
    code, version = await report(service, people, "accept")
    clock.advance(timedelta(days=1))
    moved = await service.act(
        code, "transfer", people["officer"], version, {"unit": JUSTICE, "reason": "thuộc Sở Tư pháp"}
    )
    assert (moved.json()["unit"], moved.json()["status"], moved.json()["handovers"]) == (JUSTICE, "assigned", 1)
    assert moved.json()["resolve_due_at"] == "2026-12-11T10:30:00Z"  # fifteen working days from the transfer
    path = f"/v1/feedback/{code}"
    seen = await service.client.get(path, headers=people["officer"])
    assert seen.json()["former_units"] == [HOME_AFFAIRS]
    assert (await service.client.get(f"{path}/reporter", headers=people["officer"])).status_code == 403
    assert (await service.act(code, "accept", people["officer"], version + 1)).status_code == 403
    assert (await service.act(code, "accept", people["other_officer"], version + 1)).status_code == 200
    back = await service.act(code, "return", people["other_officer"], version + 2, {"reason": "out_of_competence"})
    assert (back.json()["unit"], back.json()["status"], back.json()["handovers"]) == (CENTRE, "returned", 2)
    again = await service.act(code, "assign", people["desk"], version + 3, {"unit": HOME_AFFAIRS})
    assert (again.json()["unit"], again.json()["handovers"]) == (HOME_AFFAIRS, 2)
    last = (await service.client.get(f"{path}/history", headers=people["citizen"])).json()["items"]
    assert [entry["note"] for entry in last][-3:] == [None, "out_of_competence", None]


async def test_a_wrong_state_says_what_is_possible(service: Service, people: People) -> None:
    code, version = await report(service, people, "assign")
    answer = await service.act(code, "draft_answer", people["officer"], version, {"answer": "x", "outcome": "resolved"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["possible"] == ["accept", "return", "transfer", "mark_duplicate", "merge", "add_note"]
    assert (await service.act(code, "assign", people["desk"], version)).json()["possible"] == [
        "classify",
        "transfer",
        "refuse",
        "mark_duplicate",
        "merge",
        "split",
        "add_note",
    ]


async def test_if_match_is_required_and_must_be_fresh(service: Service, people: People) -> None:
    code, version = await report(service, people)
    path = f"/v1/feedback/{code}/actions/assign"
    assert (await service.client.post(path, json={}, headers=people["desk"])).status_code == 428
    stale = await service.act(code, "assign", people["desk"], version + 1)
    assert (stale.status_code, stale.headers["etag"]) == (412, '"1"')
    foreign = await service.client.post(path, json={}, headers=people["desk"] | {"If-Match": '"abc"'})
    assert foreign.status_code == 412
    whichever = await service.client.post(path, json={}, headers=people["desk"] | {"If-Match": "*"})
    assert whichever.status_code == 200


@pytest.mark.parametrize(
    ("code", "headers", "field"),
    [("PA_1", {}, "path.code"), ("PA-26-000001", {"X-Tracking-Secret": "a b"}, "header.X-Tracking-Secret")],
)
async def test_what_cannot_be_a_code_or_a_secret_is_told_so(
    service: Service, code: str, headers: dict[str, str], field: str
) -> None:
    answer = await service.client.get(f"/v1/feedback/{code}", headers=headers)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_a_repeated_action_is_answered_alike(service: Service, people: People) -> None:
    code, version = await report(service, people, "assign")
    words = {"unit": JUSTICE, "reason": "thuộc Sở Tư pháp"}
    key = people["officer"] | {"Idempotency-Key": "k"}
    answers = await asyncio.gather(*(service.act(code, "transfer", key, version, words) for _ in range(5)))
    answers.append(await service.act(code, "transfer", key, version, words))
    assert {answer.status_code for answer in answers} == {200}
    assert len({(answer.text, answer.headers["etag"]) for answer in answers}) == 1
    assert (answers[0].json()["unit"], answers[0].headers["etag"]) == (JUSTICE, f'"{version + 1}"')
    other = await service.act(code, "transfer", key, version, words | {"reason": "khác"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    assert (await service.act(code, "transfer", people["officer"], version, words)).status_code == 412


async def test_a_key_of_a_refused_action_is_free(service: Service, people: People) -> None:
    code, version = await report(service, people)
    desk = people["desk"] | {"Idempotency-Key": "k"}
    assert (await service.act(code, "assign", desk, version + 1)).status_code == 412
    assert (await service.act(code, "assign", desk, version)).status_code == 200


async def test_what_is_wrong_is_told_in_one_order(service: Service, people: People) -> None:
    code, version = await report(service, people)
    bad = {"unit": ENDED, "reason": "x"}
    assert (await service.act("PA-26-999999", "transfer", people["desk"], version, bad)).status_code == 404
    assert (await service.act(code, "transfer", people["officer"], version + 1, bad)).status_code == 412
    early = await service.act(code, "publish", people["officer"], version)
    assert (early.status_code, early.json()["possible"]) == (409, [])
    assert (await service.act(code, "transfer", people["officer"], version, bad)).status_code == 409
    theirs = await service.act(code, "assign", people["officer"], version, {"unit": ENDED})
    assert (theirs.status_code, theirs.json()["code"], theirs.json()["by"]) == (403, "not-permitted", ["desk"])
    assert (await service.act(code, "assign", people["desk"], version, {"unit": ENDED})).status_code == 422


async def test_a_report_that_no_desk_takes_back_stays(service: Service, people: People) -> None:
    code, version = await report(service, people, "assign")
    async with service.here.engine.begin() as conn:
        await conn.exec_driver_sql("DELETE FROM units")
    await service.directory.refresh()
    answer = await service.act(code, "return", people["officer"], version, {"reason": "belongs_to_other"})
    assert (answer.status_code, answer.json()["code"]) == (503, "intake-desk-unavailable")
    assert answer.headers["retry-after"]
    assert (await service.act(code, "accept", people["officer"], version)).status_code == 200


async def test_a_report_is_returned_before_the_units_were_read(
    service: Service, settings: FeedbackSettings, people: People, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, version = await report(service, people, "assign")
    monkeypatch.setattr(bootstrap, "FEATURES", tuple(replace(each, refreshers=()) for each in bootstrap.FEATURES))
    app = bootstrap.build_app(settings, clock)
    async with app.router.lifespan_context(app):
        transport = InProcess(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://feedback") as client:
            started = Service(client, app.state.context)
            words = {"reason": "belongs_to_other"}
            answer = await started.act(code, "return", people["officer"], version, words)
    assert (answer.status_code, answer.json()["unit"]) == (200, CENTRE)


async def test_of_two_actions_at_once_one_is_stale(service: Service, people: People) -> None:
    code, version = await report(service, people)
    answers = await asyncio.gather(*(service.act(code, "assign", people["desk"], version) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 7
    versions = [row.aggregateversion for row in await service.rows(select(outbox))]
    assert sorted(versions) == [1, 2]


@pytest.mark.parametrize(
    ("upto", "action", "who", "body", "field"),
    [
        (None, "assign", "desk", {"unit": "no-such-unit"}, "body.unit"),
        (None, "assign", "desk", {"unit": ENDED}, "body.unit"),
        (None, "assign", "desk", {"surprise": 1}, "body.surprise"),
        ("assign", "return", "officer", {"reason": "tired"}, "body.reason"),
        ("assign", "return", "officer", {}, "body.reason"),
        ("assign", "transfer", "officer", {"unit": HOME_AFFAIRS, "reason": "x"}, "body.unit"),
        ("assign", "transfer", "officer", {"unit": JUSTICE, "reason": " "}, "body.reason"),
        ("accept", "draft_answer", "officer", {"answer": "x", "outcome": "magic"}, "body.outcome"),
        ("accept", "draft_answer", "officer", {"answer": "NUL \0", "outcome": "resolved"}, "body.answer"),
    ],
)
async def test_bad_words_are_named(
    service: Service, people: People, upto: str | None, action: str, who: str, body: dict[str, Any], field: str
) -> None:
    code, version = await report(service, people, upto)
    answer = await service.act(code, action, people[who], version, body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_unknown_actions_paths_and_methods_are_problems(service: Service, people: People) -> None:
    code, version = await report(service, people)
    assert (await service.act(code, "shred", people["desk"], version)).status_code == 404
    assert (await service.client.delete(f"/v1/feedback/{code}")).status_code == 405
    unknown = await service.client.get("/v1/feedbacks")
    assert (unknown.status_code, unknown.headers["content-type"]) == (404, "application/problem+json")


async def test_who_may_not_read_is_told_that_there_is_nothing(
    service: Service, people: People, tokens: TestTokens
) -> None:
    answer = await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])
    path = answer.headers["location"]
    strangers: list[dict[str, str]] = [
        {},
        people["other_citizen"],
        people["other_officer"],
        people["system"],
        tokens(sub="x", roles=["officer"]),
        tokens(sub="x", roles=["citizen"], unit=HOME_AFFAIRS),
        {"X-Tracking-Secret": "guess"},
    ]
    for way in ("", "/history", "/clocks"):
        for stranger in strangers:
            assert (await service.client.get(path + way, headers=stranger)).status_code == 404
        for reader in ("citizen", "desk", "officer", "head"):
            assert (await service.client.get(path + way, headers=people[reader])).status_code == 200
        secret = {"X-Tracking-Secret": answer.json()["tracking_secret"]}
        assert (await service.client.get(path + way, headers=secret)).status_code == 200
    code = answer.json()["code"]
    assert (await service.act(code, "accept", people["other_officer"], 1)).status_code == 404
    assert (await service.act("PA-26-999999", "assign", people["desk"], 1)).status_code == 404


async def test_the_citizen_reads_the_answer_once_it_is_approved(service: Service, people: People) -> None:
    code, version = await report(service, people, "draft_answer")
    path = f"/v1/feedback/{code}"
    before = (await service.client.get(path, headers=people["citizen"])).json()
    assert (before["answer"], before["outcome"]) == (None, None)
    assert "routing" not in before
    await service.act(code, "approve_answer", people["head"], version)
    after = (await service.client.get(path, headers=people["citizen"])).json()
    assert (after["answer"], after["outcome"]) == ("Kết quả có tại Bộ phận Một cửa", "resolved")


OFFICIALS = {Role.OFFICER, Role.UNIT_HEAD, Role.COORDINATOR}
CALLERS = {
    FeedbackAction.CLASSIFY: {Role.COORDINATOR, Role.SYSTEM},
    FeedbackAction.SPLIT: {Role.COORDINATOR},
    FeedbackAction.FOLLOW: {Role.CITIZEN},
}
OF_SENDERS = {FeedbackAction.SUPPLEMENT, FeedbackAction.RATE, FeedbackAction.REOPEN}


async def test_each_action_has_its_callers(service: Service, people: People, tokens: TestTokens) -> None:
    code, version = await report(service, people)
    for action in set(FeedbackAction) - OF_SENDERS:
        assert (await service.act(code, action, {}, version)).status_code == 401
        for role in set(Role) - CALLERS.get(action, OFFICIALS):
            caller = tokens(sub="x", roles=[role], unit=HOME_AFFAIRS)
            assert (await service.act(code, action, caller, version)).status_code == 403, (action, role)


async def test_for_who_did_not_send_it_there_is_nothing_to_rate(
    service: Service, people: People, tokens: TestTokens
) -> None:
    code, version = await report(service, people, "publish")
    words = {"text": "x", "satisfied": True, "reason": "x"}
    of = {FeedbackAction.SUPPLEMENT: "text", FeedbackAction.RATE: "satisfied", FeedbackAction.REOPEN: "reason"}
    for action, name in of.items():
        for stranger in ({}, people["other_citizen"], {"X-Tracking-Secret": "guessed"}):
            answer = await service.act(code, action, stranger, version, {name: words[name]})
            assert answer.status_code == 404, (action, stranger)
        inspector = tokens(sub="x", roles=[Role.INSPECTOR])
        assert (await service.act(code, action, inspector, version, {name: words[name]})).status_code in {403, 409}


async def test_a_unit_may_have_as_long_a_code_as_the_directory_allows(service: Service, people: People) -> None:
    code = "x" * 100
    async with service.here.engine.begin() as conn:
        await conn.execute(insert(units).values(subject=code, version=1, code=code))
    await service.directory.refresh()
    sent = await service.post({"unit": code})
    assert (sent.status_code, sent.json()["unit"]) == (201, code)
    assigned = await service.act(sent.json()["code"], "assign", people["desk"], 1, {"unit": code})
    assert assigned.status_code == 200
    listed = await service.client.get("/v1/feedback", params={"unit": code}, headers=people["desk"])
    assert [item["unit"] for item in listed.json()["items"]] == [code]
