"""What a sender may claim: urgency and channel go by the role, and an id of a channel by what came under it first."""

import asyncio
from collections import Counter
from typing import Any

import pytest
from sqlalchemy import func, select, update

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import Channel
from cchc_shared.service.assembly import opened
from feedback_api.bootstrap import FEATURES
from feedback_api.intake.service import Intake
from feedback_api.reports.fingerprint import FIELDS, Fingerprints, differing
from feedback_api.reports.models import feedback
from feedback_api.settings import FeedbackSettings

from ..conftest import HOME_AFFAIRS, JUSTICE, People, Service

OF_A_BODY = [field for field in FIELDS if field not in {"form", "attachments"}]
"""Files come with mails alone."""
OPEN = {Channel.WEB, Channel.IHANOI, Channel.ZALO}


@pytest.mark.parametrize(
    ("who", "decides"),
    [("nobody", False), ("citizen", False), ("system", True), ("desk", True), ("officer", True), ("head", True)],
)
async def test_urgency_is_decided_by_officials_and_wished_by_others(
    service: Service, people: People, who: str, *, decides: bool
) -> None:
    caller = {} if who == "nobody" else people[who]
    receipt = (await service.post({"severity": "urgent", "unit": HOME_AFFAIRS}, **caller)).json()
    taken = ("urgent", None) if decides else ("normal", "urgent")
    assert (receipt["severity"], receipt["wished_severity"]) == taken
    path = f"/v1/feedback/{receipt['code']}"
    official = (await service.client.get(path, headers=people["officer"])).json()
    assert (official["severity"], official["wished_severity"]) == taken
    if who == "citizen":
        assert "wished_severity" not in (await service.client.get(path, headers=caller)).json()


async def test_a_wish_does_not_move_a_deadline(service: Service, people: People) -> None:
    wished, plain = [
        (await service.post({"severity": severity}, **people["citizen"])).json() for severity in ("urgent", "normal")
    ]
    assert wished["resolve_due_at"] == plain["resolve_due_at"]
    assert plain["wished_severity"] is None


@pytest.mark.parametrize("channel", Channel)
async def test_citizens_report_through_channels_that_are_open_to_them(
    service: Service, people: People, channel: Channel
) -> None:
    for caller in ({}, people["citizen"]):
        answer = await service.post({"channel": channel}, **caller)
        if channel in OPEN:
            assert answer.status_code == 201
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "channel-forbidden")
            assert answer.json()["errors"][0]["field"] == "body.channel"
            assert set(answer.json()["allowed"]) == OPEN
    for who in ("system", "desk", "officer"):
        assert (await service.post({"channel": channel}, **people[who])).status_code == 201


SENT: dict[str, Any] = {
    "channel": "hotline",
    "channel_ref": "7",
    "kind": "on_site",
    "category": "lighting",
    "severity": "complex",
    "title": "Đèn",
    "content": "hỏng",
    "location": {"lat": 21.0278, "lon": 105.8342, "address": "Ngõ 12"},
    "unit": HOME_AFFAIRS,
    "reporter": {"name": "Bảy", "phone": "0912345678"},
}
OTHER: dict[str, Any] = {
    "kind": "conduct",
    "category": "trees",
    "severity": "urgent",
    "title": "Cây",
    "content": "đổ",
    "location": {"lat": 21.0278, "lon": 105.8342, "address": "Ngõ 13"},
    "unit": JUSTICE,
    "reporter": {"name": "Bảy", "phone": "0912345679"},
}


@pytest.mark.parametrize("field", OF_A_BODY)
async def test_other_content_under_a_channels_id_is_refused_by_field(
    service: Service, people: People, field: str
) -> None:
    first = (await service.post(SENT, **people["system"])).json()["code"]
    for key in ({}, {"Idempotency-Key": "k"}):
        answer = await service.post(SENT | {field: OTHER[field]}, **people["system"], **key)
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (409, "channel-ref-conflict")
        assert (problem["report"], problem["version"]) == (first, 1)
        assert [error["field"] for error in problem["errors"]] == [f"body.{field}"]
        assert str(SENT["content"]) not in answer.text
    assert len(await service.rows(select(feedback.c.code))) == 1


async def test_the_same_content_written_otherwise_is_a_repetition(service: Service, people: People) -> None:
    first = (await service.post(SENT, **people["system"])).json()["code"]
    again = SENT | {
        "location": {"lat": "21,0278", "lon": "105,8342", "address": " Ngõ 12"},
        "reporter": {"name": "Bảy", "phone": "+84 912 345 678"},
        "content": "ho\u0309ng ",
        "received_at": "2026-11-17T02:00:00Z",
    }
    answer = await service.post(again, **people["system"])
    assert (answer.status_code, answer.json()["code"]) == (200, first), answer.text


async def test_what_became_of_a_report_does_not_change_what_it_was(service: Service, people: People) -> None:
    first = (await service.post(SENT, **people["system"])).json()["code"]
    assert (await service.act(first, "assign", people["desk"], 1, {"unit": JUSTICE})).status_code == 200
    again = await service.post(SENT, **people["system"])
    assert (again.status_code, again.json()["unit"], again.json()["version"]) == (200, JUSTICE, 2)


async def test_of_two_contents_at_one_moment_one_is_taken_and_the_other_refused(
    service: Service, settings: FeedbackSettings, clock: FixedClock, people: People
) -> None:
    bodies = [SENT | {"content": f"lần {number % 2}"} for number in range(40)]
    answers = await asyncio.gather(*(service.post(body, **people["system"]) for body in bodies))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 19, 409: 20}


async def test_two_processes_tell_a_repetition_from_other_content(
    service: Service, settings: FeedbackSettings, clock: FixedClock, people: People
) -> None:
    await service.post(SENT, **people["system"])
    (row,) = await service.rows(select(feedback.c.fingerprint))
    async with opened("another", settings, FEATURES, clock) as other:
        there = other.use(Intake).fingerprints
        assert isinstance(there, Fingerprints)
        values = ("on_site", "lighting", "complex", "Đèn", "hỏng", (21.0278, 105.8342, "Ngõ 12"), HOME_AFFAIRS)
        theirs = there.of(("hotline", "", "7"), *values, None)
        assert differing(row.fingerprint, theirs) == ["reporter"]
        assert differing(row.fingerprint, there.of(("hotline", "", "8"), *values, None)) == list(OF_A_BODY)


async def test_a_report_of_before_is_no_conflict(service: Service, people: People) -> None:
    await service.post(SENT, **people["system"])
    async with service.here.engine.begin() as conn:
        await conn.execute(update(feedback).values(fingerprint=None))
    assert (await service.post(SENT | {"content": "khác"}, **people["system"])).status_code == 200
    assert (await service.rows(select(func.count()).select_from(feedback)))[0][0] == 1
