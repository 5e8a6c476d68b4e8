"""Links to calendars: who makes them, what they open, and that they open nothing once they are revoked."""

from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest
from icalendar import Calendar
from sqlalchemy import select

from cchc_shared.calendar.clock import FixedClock
from tasks_api.unit_calendars.models import calendar_links
from tests.support.http import Headers
from tests.support.tasks import Api

LEAD, HELPER = "so-noi-vu", "so-tu-phap"
LINKS = f"/v1/units/{LEAD}/calendar-links"
TITLE = "Rà soát, đơn giản hóa; thủ tục \\ hành chính thuộc phạm vi quản lý của ngành nội vụ trong năm 2024\n(đợt 1)"


async def made(api: Api, who: Headers | None = None, **more: object) -> dict[str, Any]:
    answer = await api.send("POST", LINKS, who or api.head(LEAD), json=more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def assign(api: Api, **more: object) -> dict[str, Any]:
    body = {"title": TITLE, "lead_unit": LEAD, "coordinating_units": [HELPER], "due_on": "2024-06-30"} | more
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def read(api: Api, link: dict[str, Any], **headers: str) -> httpx.Response:
    """What a calendar program is answered: it has no token."""
    return await api.send("GET", link["path"], headers)


def events(answer: httpx.Response) -> dict[str, Any]:
    """The entries by what they are of."""
    calendar = Calendar.from_ical(answer.content)
    assert not calendar.errors
    return {str(event["UID"]).partition("@")[0]: event for event in calendar.walk("VEVENT")}


async def test_a_calendar_has_what_the_unit_must_do_by_when(city: Api, clock: FixedClock) -> None:
    task, urgent = await assign(city), await assign(city, due_on="2024-06-10", title="Việc gấp")
    without = await assign(city, due_on=None)
    elsewhere = await assign(city, lead_unit=HELPER, coordinating_units=[LEAD])
    link = await made(city)
    answer = await read(city, link)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    found = events(answer)
    assert {task["code"], urgent["code"]} <= found.keys()
    assert found.keys().isdisjoint({without["code"], elsewhere["code"]})
    event = found[task["code"]]
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (date(2024, 6, 30), date(2024, 7, 1))
    assert str(event["SUMMARY"]) == "Hạn: " + " ".join(TITLE.split())
    assert (event["SEQUENCE"], str(event["STATUS"]), str(event["TRANSP"])) == (1, "CONFIRMED", "TRANSPARENT")
    assert event.decoded("LAST-MODIFIED") == clock.now()
    assert "URL" not in event
    clock.advance(timedelta(days=8))
    after = events(await read(city, link))[urgent["code"]]
    assert str(after["SUMMARY"]) == "Quá hạn: Việc gấp"
    assert after["UID"] == found[urgent["code"]]["UID"]


async def test_what_is_done_is_no_longer_there(city: Api) -> None:
    task, link = await assign(city), await made(city)
    started = (await city.act(task, "start", city.officer(LEAD))).json()
    assert events(await read(city, link))[task["code"]]["SEQUENCE"] == 2
    reason = {"reason": "Không còn cần"}
    proposed = (await city.act(started, "propose_close", city.officer(LEAD), **reason)).json()
    assert (await city.act(proposed, "close", city.coordinator)).status_code == 200
    assert task["code"] not in events(await read(city, link))


async def test_questions_stand_there_until_they_are_answered(city: Api) -> None:
    task = await assign(city, lead_unit=HELPER, coordinating_units=[])
    question = {
        "unit": LEAD, "question": "Cho ý kiến về dự thảo", "relevance": "Tổ chức bộ máy", "kind": "city_administration",
        "working_days": 3,
    }  # fmt: skip
    asked = await city.send("POST", f"/v1/tasks/{task['code']}/consultations", city.officer(HELPER), json=question)
    code, link = asked.json()["id"], await made(city)
    event = events(await read(city, link))[code]
    assert event.decoded("DTSTART") == datetime.fromisoformat(asked.json()["due_at"])
    assert str(event["SUMMARY"]) == "Hạn trả lời: Cho ý kiến về dự thảo"
    answering = city.officer(LEAD) | {"If-Match": '"1"'}
    path = f"/v1/consultations/{code}/actions/answer"
    assert (await city.send("POST", path, answering, json={"opinion": "agree"})).status_code == 200
    assert code not in events(await read(city, link))


async def test_an_answer_that_did_not_change_is_not_sent_again(city: Api) -> None:
    await assign(city)
    link = await made(city)
    first = await read(city, link)
    assert first.headers["Cache-Control"] == "private, max-age=300"
    again = await read(city, link, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    await assign(city)
    assert (await read(city, link, **{"If-None-Match": first.headers["ETag"]})).status_code == 200


async def test_what_opens_nothing_is_answered_alike(city: Api) -> None:
    link, revoked = await made(city), await made(city, name="Phòng họp")
    path = f"{LINKS}/{revoked['id']}/actions/revoke"
    first, second = [await city.send("POST", path, city.head(LEAD)) for _ in range(2)]
    assert first.status_code == 200
    assert first.json() == second.json()
    assert first.json()["revoked_at"] is not None
    secret = link["path"].partition("=")[2]
    wrong = [
        revoked["path"],
        f"/v1/units/{HELPER}/calendar.ics?secret={secret}",
        f"/v1/units/{LEAD}/calendar.ics?secret=x",
        f"/v1/units/{LEAD}/calendar.ics?secret={secret[:-1]}",
        "/v1/units/khong-co/calendar.ics?secret=x",
    ]
    answers = [await city.send("GET", each) for each in wrong]
    assert {(answer.status_code, answer.content) for answer in answers} == {(404, answers[0].content)}
    assert (await read(city, link)).status_code == 200


async def test_who_manages_the_links_of_a_unit(city: Api) -> None:
    coordinator = city.token("coordinator", unit=LEAD)
    for who in (city.head(LEAD), coordinator, city.operator):
        link = await made(city, who)
        listed = await city.get(LINKS, who)
        assert listed.json()["items"][0] == {name: value for name, value in link.items() if name != "path"}
    for who in (city.officer(LEAD), city.head(HELPER), city.token("coordinator", unit=HELPER), city.coordinator):
        assert (await city.send("POST", LINKS, who, json={})).status_code == 403
        assert (await city.get(LINKS, who)).status_code == 403
        assert (await city.send("POST", f"{LINKS}/1/actions/revoke", who)).status_code == 403
    assert (await city.send("POST", "/v1/units/khong-co/calendar-links", city.operator, json={})).status_code == 404
    others = f"/v1/units/{HELPER}/calendar-links/1/actions/revoke"
    assert (await city.send("POST", others, city.head(HELPER))).status_code == 404


async def test_the_secret_is_kept_and_told_nowhere(city: Api, capsys: pytest.CaptureFixture[str]) -> None:
    link = await made(city, name="Lịch chung")
    await read(city, link)
    secret = link["path"].partition("=")[2]
    assert len(secret) >= 43
    async with city.here.engine.connect() as conn:
        rows = (await conn.execute(select(calendar_links))).mappings().all()
    assert secret not in str([dict(row) for row in rows])
    printed = "".join(capsys.readouterr())
    assert "/v1/units/{code}/calendar.ics" in printed
    assert secret not in printed


async def test_a_unit_has_so_many_links_and_no_more(city: Api) -> None:
    links = [await made(city) for _ in range(50)]
    refused = await city.send("POST", LINKS, city.head(LEAD), json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "too-many-calendar-links")
    await city.send("POST", f"{LINKS}/{links[0]['id']}/actions/revoke", city.head(LEAD))
    await made(city)
    page = (await city.get(LINKS, city.head(LEAD), limit=30)).json()
    rest = (await city.get(LINKS, city.head(LEAD), limit=30, cursor=page["next_cursor"])).json()
    assert [each["id"] for each in (*page["items"], *rest["items"])] == sorted(
        [each["id"] for each in (*page["items"], *rest["items"])], reverse=True
    )
    assert len(page["items"]) + len(rest["items"]) == 51
