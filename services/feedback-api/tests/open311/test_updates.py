"""Updates: those that clients poll, and the remarks that they send."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import FeedbackStatus
from feedback_api.metadata import outbox
from feedback_api.open311.domain import is_update
from feedback_api.reports.models import remarks
from tests.support.http import Json
from tests.support.tokens import TestTokens

from ..conftest import HOME_AFFAIRS, People, Service
from .conftest import ANSWER, ANSWERED, APP, OTHER, STEPS, Open311, erase

REMARK = {
    "api_key": APP,
    "update_id": "u-1",
    "status": "FIXED",
    "updated_datetime": "2026-11-18T09:30:00+07:00",
    "description": "Đèn đã sáng <i>lại</i>",
}


async def updates(open311: Open311, **query: str) -> list[Json]:
    return await open311.get("servicerequestupdates", "service_request_updates", query)


def test_a_draft_is_no_update_for_those_outside() -> None:
    s = FeedbackStatus
    assert not is_update(None, s.RECEIVED)
    assert not is_update(s.ACCEPTED, s.ANSWER_DRAFTED)
    assert not is_update(s.ASSIGNED, s.ASSIGNED)
    assert all(is_update(*step) for step in ((s.RECEIVED, s.ASSIGNED), (s.ANSWERED, s.PUBLISHED)))


async def test_updates_are_the_steps_that_everyone_may_see(open311: Open311, people: People, clock: FixedClock) -> None:
    code = await open311.sent()
    for version, action in enumerate((*ANSWERED, "publish"), 1):
        clock.advance(timedelta(minutes=1))
        who, body = STEPS[action]
        assert (await open311.service.act(code, action, people[who], version, body)).status_code == 200
        assert ANSWER not in str(await updates(open311)) or action == "publish"
    found = await updates(open311)
    assert [(each["update_id"], each["status"]) for each in found] == [
        (f"{code}.2", "investigating"),
        (f"{code}.3", "in_progress"),
        (f"{code}.5", "closed"),
        (f"{code}.6", "closed"),
    ]
    assert [each["updated_datetime"][11:19] for each in found] == ["09:01:00", "09:02:00", "09:04:00", "09:05:00"]
    assert found[-1]["description"] == f"Đã công khai trả lời: {ANSWER}"
    assert found == await updates(open311)


async def test_an_answer_that_is_no_longer_public_is_told_no_more(
    open311: Open311, people: People, clock: FixedClock
) -> None:
    code = await open311.sent()
    await open311.handle(code, people, *ANSWERED, "publish")
    assert ANSWER in (await updates(open311))[-1]["description"]
    clock.advance(timedelta(minutes=1))
    await open311.handle(code, people, "reopen", version=6)
    assert ANSWER not in str(await updates(open311))
    assert ANSWER not in str(await open311.get(f"requests/{code}", "service_requests"))
    # Answered and published anew: what the first publication said is never told as if it had said this.
    clock.advance(timedelta(minutes=1))
    await open311.handle(code, people, "accept", "draft_answer", "approve_answer", "publish", version=7)
    told = {each["update_id"]: ANSWER in each["description"] for each in await updates(open311)}
    assert (told[f"{code}.6"], told[f"{code}.11"]) == (False, True)
    assert sum(told.values()) == 1


async def test_a_published_answer_is_told_without_the_numbers_in_it(open311: Open311, people: People) -> None:
    code = await open311.sent()
    await open311.handle(code, people, "assign", "accept")
    answer = {"answer": "Đã gọi ông Bình, số 0912 345 678", "outcome": "resolved"}
    assert (await open311.service.act(code, "draft_answer", people["officer"], 3, answer)).status_code == 200
    await open311.handle(code, people, "approve_answer", "publish", version=4)
    said = [str(await updates(open311)), str(await open311.get(f"requests/{code}", "service_requests"))]
    assert all("Đã gọi ông Bình, số [số điện thoại]" in each for each in said)


async def test_the_period_includes_both_its_seconds(open311: Open311, people: People, clock: FixedClock) -> None:
    code = await open311.sent()
    clock.advance(timedelta(microseconds=999_999))
    await open311.handle(code, people, "assign")
    at, before, after = "2026-11-18T02:00:00Z", "2026-11-18T01:59:59Z", "2026-11-18T02:00:01Z"
    assert len(await updates(open311, start_date=at, end_date=at)) == 1
    assert len(await updates(open311, start_date="2026-11-18T09:00:00+07:00", end_date=after)) == 1
    assert await updates(open311, start_date=after, end_date=after) == []
    assert await updates(open311, start_date=before, end_date=before) == []
    clock.advance(timedelta(hours=2))
    assert len(await updates(open311)) == 1
    clock.advance(timedelta(seconds=1))
    assert await updates(open311) == []
    status, (said,) = await open311.refused("servicerequestupdates", {"start_date": after, "end_date": before})
    assert (status, said) == (400, "end_date: trước start_date")


async def test_hidden_reports_have_no_updates(open311: Open311, service: Service, people: People) -> None:
    hidden = (await service.post({"unit": HOME_AFFAIRS})).json()["code"]
    about_conduct = await open311.sent_about_conduct()
    for code in (hidden, about_conduct):
        await open311.handle(code, people, *ANSWERED)
    assert await updates(open311) == []
    await service.act(hidden, "publish", people["desk"], 5)
    assert {each["service_request_id"] for each in await updates(open311)} == {hidden}


async def test_what_was_erased_takes_no_remark_and_has_no_updates(
    open311: Open311, people: People, tokens: TestTokens, form: str
) -> None:
    code = await open311.sent()
    await open311.handle(code, people, *ANSWERED, "publish")
    await erase(open311, code, tokens)
    assert await updates(open311) == []
    fields = {**REMARK, "service_request_id": code}
    assert (await open311.send(form, fields, "servicerequestupdates"))[0] == 404
    assert await open311.service.rows(select(remarks)) == []


async def test_more_than_one_answer_may_hold_is_refused(
    open311: Open311, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback_api.open311.service.MOST_UPDATES", 1)
    code = await open311.sent()
    await open311.handle(code, people, "assign")
    assert len(await updates(open311)) == 1
    await open311.service.act(code, "accept", people["officer"], 2)
    status, _ = await open311.refused("servicerequestupdates")
    assert status == 400


async def test_a_remark_is_kept_for_officials(
    open311: Open311, service: Service, people: People, clock: FixedClock, form: str
) -> None:
    code = await open311.sent()
    await open311.handle(code, people, "assign")
    events = len(await service.rows(select(outbox.c.id)))
    contact = {"email": "a@b.vn", "phone": "0912345678", "last_name": "Bình"}
    fields = {**REMARK, **contact, "service_request_id": code, "media_url": ["http://p/1", "http://p/2"]}
    status, kept = await open311.send(form, fields, "servicerequestupdates")
    assert (status, kept) == (201, {"update_id": "u-1"})
    (seen,) = (await open311.client.get(f"/v1/feedback/{code}/open311", headers=people["officer"])).json()["remarks"]
    assert seen == {
        "update_id": "u-1",
        "sent_by": "app",
        "status": "fixed",
        "description": "Đèn đã sáng <i>lại</i>",
        "media_urls": ["http://p/1", "http://p/2"],
        "at": "2026-11-18T02:30:00Z",
        "recorded_at": "2026-11-18T02:00:00Z",
    }
    assert len(await service.rows(select(outbox.c.id))) == events
    assert [each["update_id"] for each in await updates(open311)] == [f"{code}.2"]  # it is not shown to others


async def test_a_remark_is_kept_once(open311: Open311, form: str) -> None:
    code = await open311.sent()
    fields = {**REMARK, "service_request_id": code}
    assert (await open311.send(form, fields, "servicerequestupdates"))[0] == 201
    answer = await open311.send(form, fields, "servicerequestupdates", headers={"Accept-Language": "en"})
    assert answer == (400, {"said": ["update_id: already exists"]})
    other = {**fields, "api_key": OTHER}
    assert (await open311.send(form, other, "servicerequestupdates"))[0] == 201  # ids of another client are its own


@pytest.mark.parametrize(
    ("wrong", "status", "field"),
    [
        ({"api_key": ""}, 403, "api_key"),
        ({"api_key": "x"}, 403, "api_key"),
        ({"service_request_id": "PA-99-000001"}, 404, ""),
        ({"service_request_id": ""}, 400, "service_request_id"),
        ({"update_id": ""}, 400, "update_id"),
        ({"status": "HAPPY"}, 400, "status"),
        ({"status": ""}, 400, "status"),
        ({"updated_datetime": "2026-11-18"}, 400, "updated_datetime"),
        ({"updated_datetime": "0001-01-01T00:00:00+14:00"}, 400, "updated_datetime"),
        ({"description": ""}, 400, "description"),
        ({"description": "x" * 4001}, 400, "description"),
    ],
)
async def test_a_wrong_remark_is_named(
    open311: Open311, form: str, wrong: dict[str, Any], status: int, field: str
) -> None:
    code = await open311.sent()
    fields = {**REMARK, "service_request_id": code, **wrong}
    answered, refused = await open311.send(form, fields, "servicerequestupdates")
    assert answered == status
    assert all(field in each for each in refused["said"])
