"""The steps of a task over HTTP: who may change them, until when, and what a reader sees."""

import httpx
import pytest

from tests.support.http import Headers, Json
from tests.support.tasks import Api

from ..working import FOREIGN, LEAD, OTHER, done, ended, problem, reported, seen, task_of


async def add(
    api: Api, task: Json, text: str = "Khảo sát", who: Headers | None = None, **more: object
) -> httpx.Response:
    body = {"text": text, **more}
    return await api.send("POST", f"/v1/tasks/{task['code']}/steps", who or api.officer(LEAD), json=body)


async def change(api: Api, task: Json, step: Json, who: Headers | None = None, **body: object) -> httpx.Response:
    headers = {"If-Match": f'"{step["version"]}"'}
    path = f"/v1/tasks/{task['code']}/steps/{step['id']}"
    return await api.send("PATCH", path, who or api.officer(LEAD), json=body, headers=headers)


async def remove(api: Api, task: Json, step: Json, who: Headers | None = None) -> httpx.Response:
    headers = {"If-Match": f'"{step["version"]}"'}
    return await api.send(
        "DELETE", f"/v1/tasks/{task['code']}/steps/{step['id']}", who or api.officer(LEAD), headers=headers
    )


async def texts(api: Api, task: Json) -> list[str]:
    steps = (await seen(api, task))["steps"]
    assert [step["position"] for step in steps] == list(range(1, len(steps) + 1))
    return [step["text"] for step in steps]


async def test_steps_are_added_in_their_order_and_shown_with_the_task(city: Api) -> None:
    task = await task_of(city)
    assert (await seen(city, task))["steps"] == []
    for text in ("Khảo sát", "Trình ký"):
        answer = await add(city, task, text)
        assert answer.status_code == 201, answer.text
    between = await add(city, task, "Dự thảo", position=2, due_on="2024-08-31")
    assert (between.json()["position"], between.json()["due_on"], between.headers["etag"]) == (2, "2024-08-31", '"1"')
    assert between.headers["location"] == f"/v1/tasks/{task['code']}/steps/{between.json()['id']}"
    assert await texts(city, task) == ["Khảo sát", "Dự thảo", "Trình ký"]
    assert (await seen(city, task))["version"] == task["version"], "an official's If-Match stays good"


async def test_a_step_is_done_by_somebody_at_some_time(city: Api) -> None:
    task = await task_of(city)
    step = (await add(city, task)).json()
    assert (step["done"], step["done_at"], step["done_by"]) == (False, None, None)
    ticked = (await change(city, task, step, city.head(LEAD), done=True)).json()
    assert (ticked["done"], ticked["done_at"], ticked["done_by"]) == (
        True,
        "2024-06-03T03:00:00Z",
        f"head of {LEAD}",
    )
    again = (await change(city, task, ticked, done=True)).json()
    assert again == ticked, "what was done stays done by whom it was"
    assert (await seen(city, task, city.officer(OTHER)))["steps"][0]["done_by"] is None, "names are not for everyone"
    assert (await seen(city, task, city.coordinator))["steps"][0]["done_by"] == f"head of {LEAD}"
    undone = (await change(city, task, again, done=False)).json()
    assert (undone["done"], undone["done_by"], undone["version"]) == (False, None, 3)


async def test_words_day_and_place_change(city: Api) -> None:
    task = await task_of(city)
    first, _, third = [(await add(city, task, text)).json() for text in ("Một", "Hai", "Ba")]
    assert (await change(city, task, third, position=1, text="Ba trước")).status_code == 200
    assert await texts(city, task) == ["Ba trước", "Một", "Hai"]
    dated = (await change(city, task, first, due_on="2024-07-01")).json()
    assert (dated["due_on"], dated["text"]) == ("2024-07-01", "Một")
    assert (await change(city, task, dated, due_on=None)).json()["due_on"] is None
    stale = await change(city, task, first, text="Khác")
    assert (stale.status_code, stale.headers["etag"]) == (412, '"3"')
    assert (await remove(city, task, first)).status_code == 412
    assert (await remove(city, task, {**first, "version": 3})).status_code == 204
    assert await texts(city, task) == ["Ba trước", "Hai"]
    assert (await change(city, task, {**first, "version": 3}, text="Khác")).status_code == 404


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"due_on": "2025-01-01"}, "body.due_on"),
        ({"due_on": "2024-06-02"}, "body.due_on"),
        ({"text": " "}, "body.text"),
        ({"text": "x" * 501}, "body.text"),
        ({"position": 0}, "body.position"),
        ({"done": True}, "body.done"),
    ],
)
async def test_a_step_that_cannot_be_is_refused(city: Api, given: dict[str, object], field: str) -> None:
    task = await task_of(city)
    body = {"text": "Khảo sát", **given}
    answer = await city.send("POST", f"/v1/tasks/{task['code']}/steps", city.officer(LEAD), json=body)
    assert problem(answer) == (422, "invalid", [field])
    assert await texts(city, task) == []


async def test_a_change_must_lie_within_the_tasks_time_and_say_something(city: Api) -> None:
    task = await task_of(city)
    step = (await add(city, task, due_on="2024-12-31")).json()
    assert problem(await change(city, task, step, due_on="2025-01-01")) == (422, "invalid", ["body.due_on"])
    assert (await change(city, task, step)).status_code == 422
    free = await task_of(city, due_on=None)
    assert (await add(city, free, due_on="2030-01-01")).status_code == 201, "a task without a deadline has no end"


async def test_who_may_change_steps(city: Api) -> None:
    task = await task_of(city)
    step = (await add(city, task)).json()
    for who, status in (
        (city.officer(OTHER), 403),
        (city.officer(FOREIGN), 404),
        (city.coordinator, 403),
        (city.token("inspector"), 403),
        (city.token("citizen"), 403),
    ):
        assert (await add(city, task, who=who)).status_code == status
        assert (await change(city, task, step, who, done=True)).status_code == status
        assert (await remove(city, task, step, who)).status_code == status


async def test_a_step_is_of_its_own_task_alone(city: Api) -> None:
    task, other = await task_of(city), await task_of(city)
    step = (await add(city, task)).json()
    assert (await change(city, other, step, done=True)).status_code == 404


async def test_what_was_reported_or_ended_changes_no_more(city: Api) -> None:
    task = await task_of(city)
    step = (await add(city, task)).json()
    await reported(city, task)
    assert problem(await add(city, task)) == (409, "task-reported", [])
    assert (await change(city, task, step, done=True)).json()["code"] == "task-reported"
    await done(city, task, "reject", city.head(LEAD), reason="Thiếu")
    assert (await change(city, task, step, done=True)).status_code == 200
    await ended(city, task)
    assert problem(await add(city, task)) == (409, "task-ended", [])
    assert (await seen(city, task))["steps"][0]["done"] is True


async def test_their_number_is_bounded(city: Api) -> None:
    task = await task_of(city)
    for _ in range(50):
        assert (await add(city, task)).status_code == 201
    assert problem(await add(city, task)) == (422, "invalid", ["body.text"])


async def test_the_same_request_twice_adds_one(city: Api) -> None:
    task = await task_of(city)
    path, key = f"/v1/tasks/{task['code']}/steps", {"Idempotency-Key": "one"}
    answers = [await city.send("POST", path, city.officer(LEAD), json={"text": "Một"}, headers=key) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert await texts(city, task) == ["Một"]


async def test_a_reader_who_has_the_task_is_not_told_that_nothing_changed(city: Api) -> None:
    task = await task_of(city)
    path, who = f"/v1/tasks/{task['code']}", city.officer(LEAD)
    known = who | {"If-None-Match": '"1"'}
    assert (await city.send("GET", path, known)).status_code == 304
    step = (await add(city, task)).json()
    assert len((await city.send("GET", path, known)).json()["steps"]) == 1
    await remove(city, task, step)
    assert (await city.send("GET", path, known)).json()["steps"] == [], "also when the last one is gone"
