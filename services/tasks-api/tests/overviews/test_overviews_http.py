"""The overviews over HTTP: they say what the lists and histories say, in the order in which it is looked at."""

from datetime import timedelta
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json, Query
from tests.support.tasks import Api

from ..consultations import asking
from ..progress.test_progress_http import is_own, listed
from ..submissions.test_submissions_http import done as papers_done
from ..submissions.test_submissions_http import drafted

LEAD, OTHER, STRANGER = "so-noi-vu", "so-y-te", "so-tai-chinh"
TASK = {"title": "Báo cáo", "lead_unit": LEAD, "due_on": "2024-06-10"}


async def look(api: Api, what: str, who: Headers | None = None, **query: Query) -> Json:
    answer = await api.get(f"/v1/overviews/{what}", who or api.coordinator, **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def paged(api: Api, what: str, **query: Query) -> list[Json]:
    """The same in pages of one."""
    found: list[Json] = []
    while True:
        page = await look(api, what, None, limit=1, **query)
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        query["cursor"] = page["next_cursor"]


async def assigned(api: Api, **more: object) -> Json:
    answer = await api.send("POST", "/v1/tasks", api.coordinator, json=TASK | more)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def take(api: Api, task: Json, *steps: tuple[str, Headers, dict[str, Any]]) -> Json:
    for action, who, body in steps:
        answer = await api.act(task, action, who, **body)
        assert answer.status_code == 200, (action, answer.text)
        task = answer.json()
    return task


async def test_late_is_what_the_list_says_is_overdue(city: Api, clock: FixedClock) -> None:
    second = await assigned(city, due_on="2024-06-12")
    first = await assigned(city)
    other = await assigned(city, lead_unit=OTHER)
    reported = await assigned(city)
    officer = city.officer(LEAD)
    await take(city, reported, ("start", officer, {}), ("report", officer, {}))
    clock.advance(timedelta(days=20))
    late = (await look(city, "late", limit=200))["items"]
    codes = [each["task"] for each in late]
    overdue = [task["code"] for task in await listed(city, city.coordinator, overdue="true") if is_own(task)]
    assert sorted(overdue) == sorted(codes)
    assert late == sorted(late, key=lambda each: (each["unit"], each["late_since"]))
    mine = [each for each in late if each["unit"] == LEAD and each["plan"] is None]
    assert [(each["task"], each["days_late"]) for each in mine] == [(first["code"], 13), (second["code"], 11)]
    assert await paged(city, "late", unit=LEAD) == [each for each in late if each["unit"] == LEAD]
    seen = [each["task"] for each in (await look(city, "late", city.officer(OTHER), limit=200))["items"]]
    assert other["code"] in seen
    assert first["code"] not in seen


async def test_what_waits_for_whom_since_when(city: Api, clock: FixedClock) -> None:
    officer, head = city.officer(LEAD), city.head(LEAD)
    one = await take(city, await assigned(city), ("start", officer, {}), ("report", officer, {}))
    clock.advance(timedelta(hours=1))
    asked = {"due_on": "2024-06-20", "reason": "Chờ ý kiến"}
    two = await take(city, await assigned(city), ("start", officer, {}), ("request_extension", officer, asked))
    clock.advance(timedelta(hours=1))
    three = await take(city, await assigned(city), ("propose_close", officer, {"reason": "Trùng"}))
    shown = (await look(city, "waiting"))["items"]
    assert [(each["task"], each["waits_for"], each["decides"], each["since"]) for each in shown] == [
        (one["code"], "first_approval", LEAD, "2024-06-03T03:00:00Z"),
        (two["code"], "extension", "01", "2024-06-03T04:00:00Z"),
        (three["code"], "closing", "01", "2024-06-03T05:00:00Z"),
    ]
    assert shown[1]["requested_due_on"] == "2024-06-20"
    assert await paged(city, "waiting") == shown
    clock.advance(timedelta(hours=1))
    await take(city, one, ("approve", head, {}))
    await take(city, two, ("grant_extension", city.coordinator, {}))
    assert [(each["task"], each["waits_for"]) for each in (await look(city, "waiting", unit="01"))["items"]] == [
        (three["code"], "closing"), (one["code"], "second_approval"),
    ]  # fmt: skip
    assert (await look(city, "waiting", unit=LEAD))["items"] == []
    assert (await look(city, "waiting", waits_for="second_approval"))["items"][0]["since"] == "2024-06-03T06:00:00Z"
    assert (await look(city, "waiting", city.officer(STRANGER)))["items"] == []


async def test_hand_over_chains(city: Api) -> None:
    task = await assigned(city)
    task = await take(
        city,
        task,
        ("transfer", city.head(LEAD), {"unit": OTHER, "reason": "Thuộc ngành y tế"}),
        ("return", city.officer(OTHER), {"reason": "out_of_competence"}),
        ("transfer", city.coordinator, {"unit": STRANGER, "reason": "Giao lại"}),
        ("mark_unjustified", city.coordinator, {"handover": 2, "reason": "Đúng chức năng"}),
    )
    again = await take(
        city, await assigned(city), ("transfer", city.head(LEAD), {"unit": OTHER, "reason": "Thuộc ngành y tế"})
    )
    moved = await assigned(city)
    await take(city, moved, ("transfer", city.coordinator, {"unit": OTHER, "reason": "Giao lại"}))
    shown = (await look(city, "handovers"))["items"]
    assert [(each["task"], each["handovers"], each["unit"]) for each in shown] == [
        (task["code"], 2, STRANGER), (again["code"], 1, OTHER),
    ], "what the office moved is nobody's hand-over"  # fmt: skip
    assert [
        (move["from_unit"], move["to_unit"], move["reason"], move["by_office"], move["unjustified"])
        for move in shown[0]["moves"]
    ] == [
        (LEAD, OTHER, "Thuộc ngành y tế", False, True),
        (OTHER, "01", "out_of_competence", False, False),
        ("01", STRANGER, "Giao lại", True, False),
    ]
    assert await paged(city, "handovers") == shown
    assert [each["task"] for each in (await look(city, "handovers", unit=OTHER))["items"]] == [task["code"]]


async def test_who_is_silent_and_who_asks_needlessly(city: Api, clock: FixedClock) -> None:
    answered, returned, silent, late = [await asking.ask(city) for _ in range(4)]
    still = await asking.ask(city, kind="one_stop")
    await asking.act(city, answered, "answer", city.officer(asking.ASKED))
    await asking.act(city, returned, "return", city.officer(asking.ASKED))
    asking.set_to(clock, asking.due(silent) + timedelta(hours=1))
    late = await asking.seen(city, late["id"])
    assert (await asking.act(city, late, "answer", city.officer(asking.ASKED))).status_code == 200
    await asking.ask(city)
    shown = (await look(city, "silent"))["items"]
    assert [each["unit"] for each in shown] == [asking.ASKED, asking.LEAD]
    assert {name: value for name, value in shown[0].items() if value and name != "unit"} == {
        "asked": 6, "answered": 1, "returned": 1, "late": 1, "silent": 2, "deemed": 2, "open": 1,
    }, still  # fmt: skip
    assert {name: value for name, value in shown[1].items() if value and name != "unit"} == {"asks": 6, "needless": 1}
    assert await paged(city, "silent") == shown
    rows = (await city.get("/v1/consultations/statistics", city.coordinator, unit=asking.ASKED)).json()["items"]
    for name in ("asked", "answered", "returned", "late", "silent", "withdrawn"):
        assert shown[0][name] == sum(row[name] for row in rows), name
    before = (await look(city, "silent", as_of="2024-06-03", unit=asking.ASKED))["items"][0]
    assert (before["asked"], before["open"], before["answered"], before["returned"]) == (5, 3, 1, 1)
    own = (await look(city, "silent", city.officer(asking.ASKED)))["items"]
    assert [each["unit"] for each in own] == [asking.ASKED]
    wrong = await city.get("/v1/overviews/silent", city.coordinator, since="2024-07-01", as_of="2024-06-01")
    assert wrong.json()["errors"][0]["field"] == "query.since"


async def test_papers_that_came_back(city: Api, clock: FixedClock) -> None:
    head = city.head(asking.LEAD)
    twice = await drafted(city)
    for _ in range(2):
        clock.advance(timedelta(hours=1))
        twice = await papers_done(city, twice, "send", head)
        twice = await papers_done(city, twice, "return", city.coordinator, reason="incomplete")
    clock.advance(timedelta(hours=1))
    own = await papers_done(city, await drafted(city), "send", head)
    own = await papers_done(city, own, "return", city.coordinator, reason="own_competence")
    again = await papers_done(city, await drafted(city), "send", head)
    again = await papers_done(city, again, "return", city.coordinator, reason="incomplete")
    await papers_done(city, again, "send", head)
    shown = (await look(city, "returned"))["items"]
    assert [(each["id"], each["reason"], each["times"], each["returned_at"]) for each in shown] == [
        (twice["id"], "incomplete", 2, "2024-06-03T05:00:00Z"),
        (own["id"], "own_competence", 1, "2024-06-03T06:00:00Z"),
    ]
    assert await paged(city, "returned") == shown
    assert [each["id"] for each in (await look(city, "returned", reason="own_competence"))["items"]] == [own["id"]]
    assert (await look(city, "returned", city.officer(STRANGER)))["items"] == []


@pytest.mark.parametrize("what", ["late", "waiting", "handovers", "silent", "returned"])
async def test_a_cursor_of_another_list_is_refused(city: Api, what: str) -> None:
    for cursor in ("WyJ4Il0", "WyJ4IiwieCIsMV0", "WyJ4IiwxXQ"):
        answer = await city.get(f"/v1/overviews/{what}", city.coordinator, cursor=cursor)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query.cursor"), cursor
    assert (await city.get(f"/v1/overviews/{what}", city.token("citizen"))).status_code == 403
