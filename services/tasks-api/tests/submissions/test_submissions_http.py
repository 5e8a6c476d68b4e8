"""Papers over HTTP: they are sent when nobody is waited for and every disagreement was talked over."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json
from tests.support.tasks import Api

from ..consultations import asking
from ..consultations.asking import ASKED, CONTENTS, DISAGREE, FOREIGN, LEAD, due, seen, set_to, task_of

TO = "01"
MEETING = {"on": "2024-06-03", "participants": [ASKED], "result": "Thống nhất mức chi theo định mức"}


async def draft(api: Api, task: str, **more: object) -> httpx.Response:
    body = {"to_unit": TO, "subject": "Trình ban hành Đề án"} | more
    return await api.send("POST", f"/v1/tasks/{task}/submissions", api.officer(LEAD), json=body)


async def drafted(api: Api, task: str | None = None, **more: object) -> Json:
    answer = await draft(api, task or await task_of(api), **more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def act(api: Api, papers: Json, action: str, who: Headers, **body: object) -> httpx.Response:
    path, headers = f"/v1/submissions/{papers['id']}/actions/{action}", {"If-Match": f'"{papers["version"]}"'}
    return await api.send("POST", path, who, json=body, headers=headers)


async def done(api: Api, papers: Json, action: str, who: Headers, **body: object) -> Json:
    answer = await act(api, papers, action, who, **body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_a_disagreement_is_talked_over_before_papers_are_sent(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    asked, other = [await asking.ask(city, task, unit=unit) for unit in (ASKED, FOREIGN)]
    papers = await drafted(city, task, consultations=[asked["id"], other["id"]])
    clock.advance(timedelta(days=1))
    await asking.act(city, asked, "answer", city.officer(ASKED), **DISAGREE)

    async def refused(papers: Json) -> tuple[list[str], list[Any]]:
        answer = await act(city, papers, "send", city.head(LEAD))
        assert (answer.status_code, answer.json()["code"]) == (409, "submission-not-ready")
        return answer.json()["open"], answer.json()["disagreements"]

    differs = [{"consultation": asked["id"], "unit": ASKED, "contents": [CONTENTS[1]]}]
    assert await refused(papers) == ([other["id"]], differs)
    # A meeting with others, or before they had answered, is none about it.
    officer = city.officer(LEAD)
    papers = await done(city, papers, "record_meeting", officer, **MEETING)
    papers = await done(
        city, papers, "record_meeting", officer, **MEETING | {"on": "2024-06-04", "participants": [FOREIGN]}
    )
    assert await refused(papers) == ([other["id"]], differs)
    papers = await done(city, papers, "record_meeting", officer, **MEETING | {"on": "2024-06-04"})
    assert await refused(papers) == ([other["id"]], [])
    set_to(clock, due(other))
    assert (await seen(city, other["id"]))["status"] == "deemed_agreed"
    papers = await done(city, papers, "send", city.head(LEAD))
    assert (papers["status"], papers["possible"]) == ("sent", [])
    papers = await done(city, papers, "approve", city.coordinator)
    assert papers["status"] == "approved"
    lines = (await city.get(f"/v1/submissions/{papers['id']}/history", city.officer(LEAD))).json()["items"]
    assert [line["action"] for line in lines] == ["draft", *["record_meeting"] * 3, "send", "approve"]
    events = [event[2] for event in await city.events() if event[0] == papers["id"]]
    assert events == [
        "submission.drafted.v1",
        *["submission.meeting_recorded.v1"] * 3,
        "submission.sent.v1",
        "submission.approved.v1",
    ]


async def test_a_late_disagreement_stops_nothing(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    asked = await asking.ask(city, task)
    papers = await drafted(city, task, consultations=[asked["id"]])
    set_to(clock, due(asked))
    late = await asking.act(city, await seen(city, asked["id"]), "answer", city.officer(ASKED), **DISAGREE)
    assert late.status_code == 200, late.text
    assert (await done(city, papers, "send", city.head(LEAD)))["status"] == "sent"


async def test_what_is_the_senders_own_to_decide_is_returned_counted_and_not_sent_again(city: Api) -> None:
    first, second = [await done(city, await drafted(city), "send", city.head(LEAD)) for _ in range(2)]
    own = await done(city, first, "return", city.coordinator, reason="own_competence")
    assert (await act(city, own, "send", city.head(LEAD))).json()["possible"] == []
    incomplete = await done(city, second, "return", city.coordinator, reason="incomplete", content="Thiếu tờ trình")
    again = await done(city, incomplete, "send", city.head(LEAD))
    assert (again["status"], again["return_reason"]) == ("sent", None)
    listed = await city.get("/v1/submissions", city.coordinator, return_reason="own_competence", unit=LEAD)
    assert [each["id"] for each in listed.json()["items"]] == [own["id"]]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"to_unit": LEAD}, "to_unit"),
        ({"to_unit": "so-vu-tru"}, "to_unit"),
        ({"subject": " "}, "subject"),
        ({"consultations": ["LYK-2024-000099"]}, "consultations.0"),
    ],
)
async def test_papers_need_a_receiver_and_consultations_of_their_task(
    city: Api, more: dict[str, Any], field: str
) -> None:
    await asking.ask(city)
    answer = await draft(city, await task_of(city), **more)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}"]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"on": "2024-06-04"}, "on"),
        ({"participants": []}, "participants"),
        ({"participants": [ASKED, LEAD]}, "participants.1"),
        ({"result": ""}, "result"),
    ],
)
async def test_a_meeting_was_held_with_other_units(city: Api, more: dict[str, Any], field: str) -> None:
    answer = await act(city, await drafted(city), "record_meeting", city.officer(LEAD), **MEETING | more)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}"]


async def test_who_reads_and_who_acts(city: Api) -> None:
    papers = await drafted(city, to_unit=FOREIGN)
    path = f"/v1/submissions/{papers['id']}"
    assert (await city.get(path, city.officer(FOREIGN))).status_code == 404, "a draft is its sender's own"
    assert (await act(city, papers, "send", city.officer(LEAD))).json()["by"] == ["sender_head"]
    assert (await act(city, papers, "send", city.head(FOREIGN))).status_code == 404
    sent = await done(city, papers, "send", city.head(LEAD))
    for who, status in ((city.officer(FOREIGN), 200), (city.token("inspector"), 200), (city.officer(ASKED), 404)):
        assert (await city.get(path, who)).status_code == status
    assert (await act(city, sent, "approve", city.coordinator)).json()["by"] == ["receiver_head"]
    assert (await act(city, sent, "approve", city.officer(FOREIGN))).status_code == 403
    assert (await act(city, sent, "return", city.head(LEAD), reason="incomplete")).status_code == 403
    assert (await done(city, sent, "approve", city.head(FOREIGN)))["status"] == "approved"
    for other, found in ((ASKED, []), (LEAD, [papers["id"]]), (FOREIGN, [papers["id"]])):
        items = (await city.get("/v1/submissions", city.officer(other), limit=1)).json()["items"]
        assert [each["id"] for each in items] == found
