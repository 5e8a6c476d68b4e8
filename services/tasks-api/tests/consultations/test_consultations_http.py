"""Asking and answering over HTTP: what each needs, who may read it, and what the lists hold."""

from datetime import timedelta
from typing import Any

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Query
from tests.support.tasks import Api

from .asking import ASKED, CONTENTS, DISAGREE, FOREIGN, LEAD, QUESTION, act, ask, due, post, seen, set_to, task_of


async def test_a_question_and_its_answer(city: Api) -> None:
    asked = await ask(city)
    assert (asked["status"], asked["asker"], asked["unit"], asked["version"]) == ("open", LEAD, ASKED, 1)
    assert asked["possible"] == ["withdraw"]
    assert asked["due_at"] == "2024-06-06T10:30:00Z", "the end of office hours of the third working day"
    answer = await act(city, await seen(city, asked["id"]), "answer", city.officer(ASKED), **DISAGREE)
    assert answer.status_code == 200, answer.text
    after = answer.json()
    assert (after["status"], after["version"], after["possible"]) == ("answered", 2, [])
    assert after["disagreements"] == [CONTENTS[1]]
    lines = (await city.get(f"/v1/consultations/{asked['id']}/history", city.officer(LEAD))).json()["items"]
    assert [(line["action"], line["role"], line["status"]) for line in lines] == [
        ("ask", "officer", "open"),
        ("answer", "officer", "answered"),
    ]
    assert [event for event in await city.events() if event[2].startswith("consultation")] == [
        (asked["id"], 1, "consultation.asked.v1"),
        (asked["id"], 2, "consultation.answered.v1"),
    ]


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"unit": LEAD}, "unit"),
        ({"unit": "so-vu-tru"}, "unit"),
        ({"relevance": " "}, "relevance"),
        ({"question": ""}, "question"),
        ({"kind": "secret"}, "kind"),
        ({"working_days": 1}, "working_days"),
        ({"working_days": 6}, "working_days"),
        ({"working_days": None}, "due_at"),
        ({"due_at": "2024-06-06T10:00:00Z"}, "due_at"),
        ({"working_days": None, "due_at": "2024-06-04T16:59:59Z"}, "due_at"),
        ({"working_days": None, "due_at": "0001-01-01T00:00:00Z"}, "due_at"),
        ({"working_days": None, "due_at": "9999-12-31T23:59:59Z"}, "due_at"),
        ({"working_days": None, "due_at": "2024-06-10T17:00:00.000001Z"}, "due_at"),
    ],
)
async def test_a_question_needs_a_reason_and_a_window(city: Api, more: dict[str, Any], field: str) -> None:
    answer = await post(city, await task_of(city), **more)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}"]


@pytest.mark.parametrize("at", ["2024-06-05T00:00:00+07:00", "2024-06-10T17:00:00Z"])
async def test_any_time_of_the_first_and_last_day_of_the_window_will_do(city: Api, at: str) -> None:
    if at.startswith("2024-06-05"):  # midnight ends the day before
        assert (await post(city, await task_of(city), working_days=None, due_at=at)).status_code == 422
        at = "2024-06-05T00:00:01+07:00"
    assert (await post(city, await task_of(city), working_days=None, due_at=at)).status_code == 201


async def test_only_staff_of_the_lead_ask_while_the_task_is_open(city: Api) -> None:
    task = await task_of(city, coordinating_units=[ASKED])
    assert (await post(city, task, city.officer(FOREIGN))).status_code == 404
    refused = await post(city, task, city.head(ASKED), unit=FOREIGN)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-permitted")
    assert (await post(city, task, city.coordinator)).status_code == 403
    assert (await post(city, task, city.head(LEAD))).status_code == 201
    shown = (await city.get(f"/v1/tasks/{task}", city.coordinator)).json()
    await city.act(shown, "propose_close", city.officer(LEAD), reason="Không cần nữa")
    shown = (await city.get(f"/v1/tasks/{task}", city.coordinator)).json()
    await city.act(shown, "close", city.coordinator)
    ended = await post(city, task)
    assert (ended.status_code, ended.json()["code"]) == (409, "task-ended")


async def test_many_units_are_asked_all_or_none(city: Api) -> None:
    task = await task_of(city)
    body = {name: value for name, value in QUESTION.items() if name not in {"unit", "relevance"}}
    units = [{"unit": unit, "relevance": f"Vì {unit}"} for unit in (ASKED, FOREIGN)]
    path = f"/v1/tasks/{task}/consultations/many"
    begun = await city.send("POST", path, city.officer(LEAD), json=body | {"units": units})
    assert begun.status_code == 201, begun.text
    assert [(each["unit"], each["relevance"]) for each in begun.json()["items"]] == [
        (ASKED, f"Vì {ASKED}"),
        (FOREIGN, f"Vì {FOREIGN}"),
    ]
    twice = await city.send("POST", path, city.officer(LEAD), json=body | {"units": [*units, units[0]]})
    assert [error["field"] for error in twice.json()["errors"]] == ["body.units.2.unit"]
    assert len((await city.get("/v1/consultations", city.coordinator)).json()["items"]) == 2


async def test_a_repeated_request_asks_once(city: Api) -> None:
    task, key = await task_of(city), {"Idempotency-Key": "once"}
    path = f"/v1/tasks/{task}/consultations"
    first, again = [await city.send("POST", path, city.officer(LEAD), json=QUESTION, headers=key) for _ in range(2)]
    assert first.json() == again.json()
    assert len((await city.get("/v1/consultations", city.coordinator)).json()["items"]) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "opinion"),
        ({"opinion": ""}, "opinion"),
        ({"opinion": "maybe"}, "opinion"),
        ({"opinion": "disagree"}, "content"),
        ({"opinion": "agree_with_changes", "content": " \u200b"}, "content"),
        (DISAGREE | {"per_content": [{"content": "Khác", "opinion": "agree"}]}, "per_content.0.content"),
        (DISAGREE | {"per_content": [{"content": CONTENTS[0], "opinion": "agree"}] * 2}, "per_content.1.content"),
        (DISAGREE | {"per_content": [{"content": CONTENTS[0], "opinion": "disagree"}]}, "per_content.0.reason"),
        (DISAGREE | {"opinion": "agree"}, "opinion"),
    ],
)
async def test_an_answer_is_never_empty(city: Api, body: dict[str, Any], field: str) -> None:
    asked = await ask(city)
    path, headers = f"/v1/consultations/{asked['id']}/actions/answer", {"If-Match": '"1"'}
    answer = await city.send("POST", path, city.officer(ASKED), json=body, headers=headers)
    assert answer.status_code == 422, answer.text
    assert [error["field"] for error in answer.json()["errors"]] == [f"body.{field}"]
    assert (await seen(city, asked["id"]))["version"] == 1


async def test_asker_asked_and_oversight_read_it(city: Api) -> None:
    id_ = (await ask(city))["id"]
    for who in (city.officer(LEAD), city.head(ASKED), city.coordinator, city.token("inspector"), city.operator):
        await seen(city, id_, who)
    strangers: list[tuple[Headers | None, int]] = [
        (city.officer(FOREIGN), 404),
        (city.token("citizen"), 403),
        (None, 401),
    ]
    for who_else, status in strangers:
        for path in ("", "/history", "/notice", "/notice.html"):
            assert (await city.get(f"/v1/consultations/{id_}{path}", who_else)).status_code == status
    assert (await city.get("/v1/consultations", city.officer(FOREIGN))).json()["items"] == []
    assert (await city.get(f"/v1/consultations/{id_}/notice", city.officer(LEAD))).status_code == 404


async def test_lists_by_keyset(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    soon = await ask(city, task, working_days=2)
    others = [await ask(city, task, unit=unit, working_days=5) for unit in (ASKED, ASKED, FOREIGN)]
    ids = [each["id"] for each in (soon, *others)]

    async def listed(who: Headers | None = None, **query: Query) -> list[str]:
        found, cursor = list[str](), dict[str, str]()
        while True:
            page = (await city.get("/v1/consultations", who or city.coordinator, limit=2, **query, **cursor)).json()
            found += [each["id"] for each in page["items"]]
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    assert await listed() == ids[::-1]
    assert await listed(city.officer(ASKED)) == ids[2::-1]
    assert await listed(asker=LEAD, task=task, kind="city_administration") == ids[::-1]
    set_to(clock, due(soon))
    # Nothing recorded the deadline yet, and yet it has passed.
    assert await listed(city.officer(ASKED), unit=ASKED, status="open") == ids[2:0:-1]
    assert await listed(status="deemed_agreed") == await listed(overdue="true") == [ids[0]]
    assert await listed(status="silent") == []
    clock.advance(timedelta(hours=1))
    late = await act(city, await seen(city, ids[0]), "answer", city.officer(ASKED))
    assert late.status_code == 200, late.text
    assert await listed(overdue="true") == []
    assert await listed(overdue="false") == ids[::-1]
    assert (await city.get("/v1/consultations", city.coordinator, cursor="x")).status_code == 422
