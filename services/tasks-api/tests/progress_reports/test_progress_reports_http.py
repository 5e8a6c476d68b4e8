"""Reports of progress over HTTP, the answers to obstacles, and who waits for one."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json, Query
from tests.support.tasks import Api

from ..working import FOREIGN, LEAD, OTHER, done, ended, problem, reported, seen, task_of

HALF: dict[str, Any] = {"percent": 50, "content": "Đã dự thảo"}
STUCK = HALF | {"obstacles": "Chưa có hướng dẫn về kinh phí"}


async def report(api: Api, task: Json, who: Headers | None = None, **more: object) -> httpx.Response:
    path = f"/v1/tasks/{task['code']}/progress-reports"
    return await api.send("POST", path, who or api.officer(LEAD), json=HALF | more)


async def answer(api: Api, task: Json, made: Json, who: Headers | None = None, words: str = "Đã có") -> httpx.Response:
    path = f"/v1/tasks/{task['code']}/progress-reports/{made['id']}/answer"
    return await api.send("POST", path, who or api.coordinator, json={"answer": words})


async def waiting(api: Api, who: Headers, **more: Query) -> list[tuple[str, int]]:
    got = await api.get("/v1/obstacles", who, **more)
    assert got.status_code == 200, got.text
    return [(each["task"], each["waiting_days"]) for each in got.json()["items"]]


async def test_progress_is_reported_and_shown(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    assert ((await seen(city, task))["percent"], (await seen(city, task))["unanswered_obstacles"]) == (None, 0)
    first = await report(city, task, percent=80)
    assert first.status_code == 201, first.text
    made = first.json()
    assert (made["reported_by"], made["unit"], made["waiting_days"]) == (f"officer of {LEAD}", LEAD, None)
    await report(city, task, **STUCK)
    shown = await seen(city, task)
    assert (shown["percent"], shown["unanswered_obstacles"], shown["version"]) == (50, 1, task["version"])
    path = f"/v1/tasks/{task['code']}/progress-reports"
    page = (await city.get(path, city.officer(OTHER), limit=1)).json()
    assert ([each["percent"] for each in page["items"]], page["items"][0]["reported_by"]) == ([50], None)
    rest = (await city.get(path, city.officer(OTHER), cursor=page["next_cursor"])).json()
    assert ([each["percent"] for each in rest["items"]], rest["next_cursor"]) == ([80], None)
    assert (await city.get(path, city.officer(FOREIGN))).status_code == 404


async def test_the_assigning_unit_answers_obstacles_once(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    plain, stuck = (await report(city, task)).json(), (await report(city, task, **STUCK)).json()
    clock.advance(timedelta(days=2))
    assert (await answer(city, task, plain)).json()["code"] == "nothing-to-answer"
    for who, status in ((city.head(OTHER), 403), (city.head(FOREIGN), 404), (city.officer(LEAD), 403)):
        assert (await answer(city, task, stuck, who)).status_code == status
    assert (await answer(city, task, {"id": stuck["id"] + 1000})).status_code == 404
    given = (await answer(city, task, stuck)).json()
    assert (given["answer"], given["answered_at"], given["waiting_days"]) == ("Đã có", "2024-06-05T03:00:00Z", None)
    assert (await answer(city, task, stuck, words="Khác")).json()["code"] == "nothing-to-answer"
    assert (await seen(city, task))["unanswered_obstacles"] == 0
    other = await task_of(city)
    assert (await answer(city, other, stuck)).status_code == 404, "of its own task alone"


async def test_unanswered_obstacles_are_listed_with_how_long_they_wait(city: Api, clock: FixedClock) -> None:
    first, second, closed = await task_of(city), await task_of(city), await task_of(city)
    made = (await report(city, first, **STUCK)).json()
    await report(city, closed, **STUCK)
    clock.advance(timedelta(days=3))
    await report(city, second, **STUCK)
    await ended(city, closed)
    both = [(first["code"], 3), (second["code"], 0)]
    assert await waiting(city, city.coordinator) == both, "the longest first; nobody waits where the task has ended"
    assert await waiting(city, city.coordinator, assigning_unit=first["assigning_unit"], lead_unit=LEAD) == both
    assert await waiting(city, city.officer(OTHER)) == both, "whoever may read the task"
    assert await waiting(city, city.officer(FOREIGN)) == await waiting(city, city.coordinator, lead_unit=OTHER) == []
    page = (await city.get("/v1/obstacles", city.coordinator, limit=1)).json()
    assert await waiting(city, city.coordinator, cursor=page["next_cursor"]) == both[1:]
    await answer(city, first, made)
    assert await waiting(city, city.coordinator) == both[1:]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"percent": -1}, "body.percent"),
        ({"percent": 101}, "body.percent"),
        ({"percent": "50"}, "body.percent"),
        ({"percent": 50.5}, "body.percent"),
        ({"content": " "}, "body.content"),
        ({"content": "x" * 4001}, "body.content"),
        ({"obstacles": ""}, "body.obstacles"),
        ({"weather": "đẹp"}, "body.weather"),
    ],
)
async def test_what_cannot_be_is_refused(city: Api, given: dict[str, object], field: str) -> None:
    path = f"/v1/tasks/{(await task_of(city))['code']}/progress-reports"
    answer = await city.send("POST", path, city.officer(LEAD), json=HALF | given)
    assert problem(answer) == (422, "invalid", [field])


async def test_who_reports_and_until_when(city: Api) -> None:
    task = await task_of(city)
    for who, status in ((city.officer(OTHER), 403), (city.officer(FOREIGN), 404), (city.coordinator, 403)):
        assert (await report(city, task, who)).status_code == status
    stuck = (await report(city, task, **STUCK)).json()
    await reported(city, task)
    assert (await report(city, task)).json()["code"] == "task-reported"
    await done(city, task, "reject", city.head(LEAD), reason="Thiếu")
    assert (await report(city, task)).status_code == 201
    await ended(city, task)
    assert (await report(city, task)).json()["code"] == (await answer(city, task, stuck)).json()["code"] == "task-ended"


async def test_the_same_request_twice_reports_once(city: Api) -> None:
    task = await task_of(city)
    path, key = f"/v1/tasks/{task['code']}/progress-reports", {"Idempotency-Key": "one"}
    both = [await city.send("POST", path, city.officer(LEAD), json=STUCK, headers=key) for _ in range(2)]
    assert both[0].json() == both[1].json()
    assert (await seen(city, task))["unanswered_obstacles"] == 1
