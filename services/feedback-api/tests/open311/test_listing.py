"""GET requests: what is shown to whom, filters, periods, pages."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import FeedbackStatus
from feedback_api.open311.domain import (
    PERIOD,
    RECENT,
    STATES,
    EndsFirst,
    TooLong,
    period,
    seen_outside,
    statuses,
    tells_answer,
)
from feedback_api.reports.models import feedback
from tests.support.tokens import TestTokens

from ..conftest import HOME_AFFAIRS, People, Service
from .conftest import ANSWER, ANSWERED, Open311, erase
from .oracle import STATES as KNOWN

NOW = datetime(2026, 11, 18, 2, tzinfo=UTC)


def test_every_status_has_one_state() -> None:
    assert STATES.keys() == set(FeedbackStatus)
    assert {state.extended for state in STATES.values()} <= KNOWN
    assert all(state.notes.vi and state.notes.en for state in STATES.values())
    assert set(statuses(["open"])) | set(statuses(["closed"])) == set(FeedbackStatus)
    assert not set(statuses(["open"])) & set(statuses(["closed"]))


def test_what_those_outside_see_of_a_status() -> None:
    s = FeedbackStatus
    assert statuses(["open"]) == [each for each in STATES if STATES[each].core == "open"]
    assert seen_outside(s.ANSWER_DRAFTED) is seen_outside(s.IN_PROGRESS) is s.ACCEPTED
    assert (seen_outside(s.RATED), seen_outside(s.PUBLISHED)) == (s.ANSWERED, s.PUBLISHED)
    assert tells_answer(s.PUBLISHED, NOW, NOW)
    assert not any((tells_answer(s.PUBLISHED, NOW, None), tells_answer(s.RATED, NOW, NOW)))
    assert not tells_answer(s.PUBLISHED, NOW, NOW + timedelta(seconds=1))


instants = st.none() | st.timedeltas(timedelta(days=-2000), timedelta(days=2000)).map(lambda apart: NOW + apart)


@given(instants, instants, st.sampled_from([PERIOD, RECENT]))
def test_a_period_holds_both_its_seconds_and_never_more_than_ninety_days(
    start: datetime | None, end: datetime | None, usual: timedelta
) -> None:
    try:
        found = period(start, end, NOW, usual)
    except EndsFirst:
        assert start is not None
        assert end is not None
        assert end < start
        return
    except TooLong:
        assert start is not None
        assert end is not None
        assert end - start > PERIOD
        return
    assert timedelta(0) < found.until - found.since <= PERIOD + timedelta(seconds=2)
    for named in (start, end):
        assert named is None or found.since <= named < found.until


async def test_reports_of_this_channel_are_shown_and_others_when_published(
    open311: Open311, service: Service, people: People
) -> None:
    mine = await open311.sent()
    hidden = (await service.post({"unit": HOME_AFFAIRS, "category": "trees"})).json()["code"]
    published = (await service.post({"unit": HOME_AFFAIRS, "content": "Cây đổ"})).json()["code"]
    about_conduct = await open311.sent_about_conduct()
    # Its sender was told of nothing.
    elsewhere = (await service.post({"channel": "open311"}, **people["system"])).json()["code"]
    await open311.handle(hidden, people, *ANSWERED)
    await open311.handle(published, people, *ANSWERED, "publish")
    assert set(await open311.listed()) == {mine, published}
    for code in (hidden, about_conduct, elsewhere, "PA-99-999999", "x"):
        assert (await open311.refused(f"requests/{code}"))[0] == 404
    assert set(await open311.listed(service_request_id=",".join((mine, hidden, published, about_conduct)))) == {
        mine,
        published,
    }
    (found,) = await open311.get(f"requests/{published}", "service_requests")
    assert (found["service_code"], found["service_name"]) == ("other", "Khác")  # it has no category
    assert found["service_notice"] is None
    await open311.handle(about_conduct, people, *ANSWERED, "publish")
    assert about_conduct in await open311.listed()


@pytest.mark.parametrize("since", [(), ("rate",), ("close",), ("rate", "close"), ("add_note",)])
async def test_what_was_published_stays_so_whatever_comes_after(
    open311: Open311, service: Service, people: People, since: tuple[str, ...]
) -> None:
    code = str((await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()["code"])
    await open311.handle(code, people, *ANSWERED, "publish", *since)
    assert await open311.listed() == await open311.listed(status="closed") == [code]
    (found,) = await open311.get(f"requests/{code}", "service_requests")
    assert found["status_notes"].endswith(ANSWER)
    assert len(await open311.get("servicerequestupdates", "service_request_updates")) >= 4


@pytest.mark.parametrize("before", [("publish",), ("publish", "rate"), ("publish", "close")])
async def test_what_is_opened_again_or_refused_then_is_hidden(
    open311: Open311, service: Service, people: People, before: tuple[str, ...]
) -> None:
    code = str((await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()["code"])
    steps = (*ANSWERED, *before)
    await open311.handle(code, people, *steps)
    for number, action in enumerate(("reopen", "refuse"), len(steps) + 1):
        await open311.handle(code, people, action, version=number)
        assert await open311.listed() == []
        assert (await open311.refused(f"requests/{code}"))[0] == 404
        assert await open311.get("servicerequestupdates", "service_request_updates") == []


async def test_what_lost_its_words_is_not_shown_and_what_lost_its_sender_is(
    open311: Open311, service: Service, people: People, tokens: TestTokens
) -> None:
    elsewhere = str((await service.post({"unit": HOME_AFFAIRS}, **people["citizen"])).json()["code"])
    here = await open311.sent(email="a@b.vn")
    for code in (elsewhere, here):
        await open311.handle(code, people, *ANSWERED, "publish")
        await erase(open311, code, tokens, "contact")
    assert set(await open311.listed()) == {elsewhere, here}
    for code in (elsewhere, here):
        await erase(open311, code, tokens)
    assert await open311.listed() == []
    assert (await open311.refused(f"requests/{here}"))[0] == 404


async def test_of_other_channels_numbers_are_masked_in_every_text(
    open311: Open311, service: Service, people: People
) -> None:
    phone, shown = "0912 345 678", "[số điện thoại]"
    body = {"title": f"Gọi {phone}", "content": f"Nhà tôi {phone}", "location": {"address": f"ngõ 5, {phone}"}}
    code = str((await service.post({"unit": HOME_AFFAIRS, **body})).json()["code"])
    await open311.handle(code, people, *ANSWERED, "publish")
    (found,) = await open311.get(f"requests/{code}", "service_requests", {"extensions": "true"})
    assert phone not in str(found)
    assert (found["description"], found["address"]) == (f"Nhà tôi {shown}", f"ngõ 5, {shown}")


async def test_a_draft_is_seen_by_nobody_outside(open311: Open311, people: People) -> None:
    code = await open311.sent()
    await open311.handle(code, people, *ANSWERED[:-1])
    (found,) = await open311.get(f"requests/{code}", "service_requests", {"extensions": "true"})
    assert found["extended_attributes"]["detailed_status"] == "accepted"
    assert "draft" not in str(found)


async def test_a_refused_request_was_closed_when_it_was_refused(
    open311: Open311, people: People, clock: FixedClock
) -> None:
    code = await open311.sent()
    await open311.handle(code, people, "assign", "refuse")
    clock.advance(timedelta(hours=1))
    await open311.handle(code, people, "add_note", version=3)
    (found,) = await open311.get(f"requests/{code}", "service_requests")
    assert (found["status"], found["updated_datetime"]) == ("closed", "2026-11-18T09:00:00+07:00")


async def test_one_request_says_all(open311: Open311, people: People, clock: FixedClock) -> None:
    code = await open311.sent(description="Đèn hỏng", title="Đèn", address_string="12 phố Huế", address_id="8-12")
    (row,) = await open311.service.rows(select(feedback.c.resolve_due_at).where(feedback.c.code == code))
    (found,) = await open311.get(f"requests/{code}", "service_requests")
    assert found | {"service_notice": ""} == {
        "service_request_id": code,
        "status": "open",
        "status_notes": "Đã tiếp nhận",
        "service_name": "Chiếu sáng",
        "service_code": "lighting",
        "description": "Đèn hỏng",
        "agency_responsible": "trung-tam-phuc-vu-hanh-chinh-cong-thanh-pho",
        "service_notice": "",
        "requested_datetime": "2026-11-18T09:00:00+07:00",
        "updated_datetime": "2026-11-18T09:00:00+07:00",
        "expected_datetime": found["expected_datetime"],
        "address": "12 phố Huế",
        "address_id": "8-12",
        "zipcode": None,
        "lat": 21.028511,
        "long": 105.804817,
        "media_url": None,
    }
    assert datetime.fromisoformat(found["expected_datetime"]) == row.resolve_due_at
    clock.advance(timedelta(hours=2, microseconds=7))
    await open311.handle(code, people, "assign", "accept")
    (found,) = await open311.get(f"requests/{code}", "service_requests", {"extensions": "true"})
    assert (found["status"], found["extended_status"]) == ("open", "in_progress")
    assert found["extended_attributes"] == {"detailed_status": "accepted", "title": "Đèn"}
    assert found["updated_datetime"] == "2026-11-18T11:00:00+07:00"


async def test_the_answer_is_told_when_it_is_published(open311: Open311, people: People, clock: FixedClock) -> None:
    code = await open311.sent()
    await open311.handle(code, people, "assign", "accept", "draft_answer")
    (drafted,) = await open311.get(f"requests/{code}", "service_requests", {"extensions": "true"})
    assert (drafted["status"], drafted["status_notes"]) == ("open", "Đơn vị đang xử lý")
    clock.advance(timedelta(hours=1))
    await open311.service.act(code, "approve_answer", people["head"], 4)
    (answered,) = await open311.get(f"requests/{code}", "service_requests")
    assert (answered["status"], answered["updated_datetime"]) == ("closed", "2026-11-18T10:00:00+07:00")
    assert ANSWER not in str(answered)
    clock.advance(timedelta(hours=1))
    await open311.service.act(code, "publish", people["desk"], 5)
    (published,) = await open311.get(f"requests/{code}", "service_requests", language="en")
    assert published["status_notes"] == f"The answer is published: {ANSWER}"
    assert published["updated_datetime"] == "2026-11-18T10:00:00+07:00"  # when it was closed


async def test_filters_narrow_the_list(open311: Open311, service: Service, people: People) -> None:
    light = await open311.sent()
    tree = await open311.sent(service_code="trees")
    other = await service.post({"unit": HOME_AFFAIRS})
    without = str(other.json()["code"])
    await open311.handle(without, people, *ANSWERED, "publish")
    assert set(await open311.listed(service_code="lighting,trees")) == {light, tree}
    assert await open311.listed(service_code="trees") == [tree]
    assert await open311.listed(service_code="other") == [without]
    assert set(await open311.listed(status="open")) == {light, tree}
    assert await open311.listed(status="closed") == [without]
    assert len(await open311.listed(status="open,closed")) == 3
    assert await open311.listed(service_request_id=tree, status="closed", service_code="other") == [tree]
    assert (await open311.refused("requests", {"service_code": "nothing"}))[0] == 404


async def test_the_usual_period_is_ninety_days(open311: Open311, clock: FixedClock) -> None:
    old = await open311.sent()
    clock.advance(timedelta(days=90))
    at_the_edge = await open311.listed()
    clock.advance(timedelta(seconds=1))
    assert (at_the_edge, await open311.listed()) == ([old], [])
    assert await open311.listed(start_date="2026-11-18T02:00:00Z") == [old]
    assert await open311.listed(end_date="2026-11-18T09:00:00+07:00") == [old]
    assert await open311.listed(start_date="2026-11-18T09:00:01+07:00") == []
    assert await open311.listed(end_date="2026-11-18T01:59:59Z") == []
    assert await open311.listed(start_date="2099-01-01T00:00:00Z") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-11-01T00:00:00Z"}, "end_date"),
        ({"start_date": "2026-11-02T00:00:00Z", "end_date": "2026-11-01T00:00:00Z"}, "end_date"),
        ({"start_date": "2026-11-02"}, "start_date"),
        ({"start_date": "2026-11-02T00:00:00"}, "start_date"),
        ({"start_date": "0001-01-01T00:00:00+14:00"}, "start_date"),
        ({"end_date": "9999-12-31T00:00:00Z"}, "end_date"),
        ({"status": "fixed"}, "status"),
        ({"page": "-1"}, "page"),
        ({"page_size": "1001"}, "page_size"),
        ({"page_size": "0"}, "page_size"),
        ({"lat": "21"}, "radius"),
        ({"lat": "21", "long": "105", "radius": "NaN"}, "radius"),
        ({"bbox": "1,2,3"}, "bbox"),
        ({"service_request_id": "x" * 20_001}, "service_request_id"),
        ({"service_request_id": ",".join("x" * 1001)}, "service_request_id"),
        ({"service_request_id": "\0"}, "service_request_id"),
    ],
)
async def test_a_wrong_question_is_named(open311: Open311, query: dict[str, str], field: str) -> None:
    status, (said,) = await open311.refused("requests", query)
    assert (status, said.partition(":")[0]) == (400, field)


async def test_pages_follow_each_other(open311: Open311, service: Service, people: People, clock: FixedClock) -> None:
    codes = []
    for number in range(7):
        clock.advance(timedelta(minutes=number % 2))
        codes.append(await open311.sent(description=str(number)))
    published = str((await service.post({"unit": HOME_AFFAIRS})).json()["code"])
    await open311.handle(published, people, *ANSWERED, "publish")
    newest_first = [published, *reversed(codes)]
    pages = [await open311.listed(page=str(number), page_size="3") for number in (0, 1, 2, 3, 4)]
    assert pages[0] == pages[1]
    assert [code for page in pages[1:] for code in page] == newest_first
    query = {"page_size": "3", "page": "2", "api_key": "x"}
    answer = await open311.client.get("/open311/v2/requests.xml", params=query)
    said = {name: answer.headers[name] for name in ("X-Page-Count", "X-Page-Size", "X-Result-Count")}
    assert said == {"X-Page-Count": "3", "X-Page-Size": "3", "X-Result-Count": "8"}
    following = answer.headers["X-Next-Page-URL"]
    assert following == "http://feedback/open311/v2/requests.xml?page_size=3&page=3"
    assert "X-Next-Page-URL" not in (await open311.client.get(following)).headers
    assert "X-Page-Count" not in (await open311.client.get("/open311/v2/requests.xml")).headers


async def test_places_near_a_point_or_in_a_box(open311: Open311) -> None:
    here = await open311.sent()
    there = await open311.sent(lat="21.038511")  # 1,112 m to the north
    await open311.sent(lat="", long="", address_string="12 phố Huế")
    point = {"lat": "21.028511", "long": "105.804817"}
    assert await open311.listed(**point, radius="1100") == [here]
    assert set(await open311.listed(**point, radius="1120")) == {here, there}
    assert await open311.listed(bbox="105.8,21.03,105.9,21.1") == [there]
    east = 105.804817 + math.degrees(1000 / (6_371_000 * math.cos(math.radians(21.028511))))
    off = await open311.sent(long=f"{east:.6f}")
    assert off not in await open311.listed(**point, radius="990")
    assert off in await open311.listed(**point, radius="1010")
