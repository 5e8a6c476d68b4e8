"""Urging: by whom, how often, what the history keeps, and how one urging reaches all children."""

from datetime import timedelta

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json
from tests.support.tasks import Api

from ..working import FOREIGN, LEAD, OTHER, done, ended, problem, reported, seen, task_of

WORDS = "Đề nghị báo cáo trước ngày 10"


async def urge(api: Api, task: Json, who: Headers | None = None, **more: object) -> Json:
    return await done(api, task, "urge", who or api.coordinator, reason=WORDS, **more)


async def refused(api: Api, task: Json, who: Headers) -> tuple[int, str, list[str]]:
    return problem(await api.act(await seen(api, task, api.coordinator), "urge", who, reason=WORDS))


async def test_the_office_urges_once_a_day(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    urged = await urge(city, task)
    assert (urged["urgings"], urged["urged_at"], urged["status"]) == (1, "2024-06-03T03:00:00Z", "not_started")
    assert await refused(city, task, city.coordinator) == (422, "invalid", ["body.reason"])
    clock.advance(timedelta(hours=13, minutes=59))
    assert (await refused(city, task, city.coordinator))[0] == 422, "the local day has not ended"
    clock.advance(timedelta(minutes=1))
    assert (await urge(city, task))["urgings"] == 2
    line = (await city.get(f"/v1/tasks/{task['code']}/history", city.officer(LEAD))).json()["items"][-1]
    assert (line["action"], line["note"], line["role"]) == ("urge", WORDS, "coordinator")
    assert line["details"]["by_unit"] == task["assigning_unit"]


async def test_the_head_urges_the_officer_there_is(city: Api) -> None:
    task = await task_of(city)
    assert await refused(city, task, city.head(LEAD)) == (422, "invalid", ["body.officer"])
    await done(city, task, "assign_officer", city.head(LEAD), officer="công chức An")
    await urge(city, task)
    assert (await urge(city, task, city.head(LEAD)))["urgings"] == 2, "another unit's urging is another one"
    assert (await refused(city, task, city.head(LEAD)))[0] == 422


async def test_others_urge_nobody(city: Api) -> None:
    task = await task_of(city)
    assert (await refused(city, task, city.officer(LEAD)))[:2] == (403, "not-permitted")
    assert (await refused(city, task, city.head(OTHER)))[:2] == (403, "not-permitted")
    assert (await city.act(task, "urge", city.head(FOREIGN), reason=WORDS)).status_code == 404
    assert (await city.act(task, "urge", city.coordinator)).status_code == 422, "without words"


async def test_what_waits_for_the_office_or_has_ended_is_not_urged(city: Api) -> None:
    task = await task_of(city)
    await reported(city, task)
    assert (await refused(city, task, city.head(LEAD)))[0] == 403
    assert (await urge(city, task))["urgings"] == 1, "its head may be slow to approve"
    await done(city, task, "approve", city.head(LEAD))
    assert (await refused(city, task, city.coordinator))[0] == 409
    other = await task_of(city)
    await ended(city, other)
    assert (await refused(city, other, city.coordinator))[0] == 409


async def test_one_urging_reaches_all_open_children(city: Api, clock: FixedClock) -> None:
    task = await task_of(city)
    children = [
        await task_of(city, parent=task["code"], lead_unit=unit, coordinating_units=[])
        for unit in (LEAD, OTHER, FOREIGN)
    ]
    below = await task_of(city, parent=children[1]["code"], lead_unit=FOREIGN, coordinating_units=[])
    await urge(city, children[0])
    await ended(city, children[2])
    await urge(city, task)
    assert [(await seen(city, each, city.coordinator))["urgings"] for each in (*children, below)] == [1, 0, 0, 0]
    clock.advance(timedelta(days=1))
    await urge(city, children[0])
    await urge(city, task, children=True)
    counts = [(await seen(city, each, city.coordinator))["urgings"] for each in (task, *children, below)]
    assert counts == [2, 2, 1, 0, 1], "not who was urged today, and not what has ended"
    line = (await city.get(f"/v1/tasks/{below['code']}/history", city.officer(FOREIGN))).json()["items"][-1]
    assert (line["action"], line["note"], line["details"]["parent"]) == ("urge", WORDS, task["code"])
    urged = [code for code, _, type_ in await city.events() if type_ == "task.urged.v1"]
    assert sorted(urged) == sorted(
        [children[0]["code"], task["code"], children[0]["code"], children[1]["code"], below["code"], task["code"]]
    )


async def test_a_task_of_many_units_urges_them_all(city: Api) -> None:
    parent = (await city.get("/v1/tasks/KH-2024-0001.9", city.coordinator)).json()
    assert (await urge(city, parent))["urgings"] == 1
    for code in parent["children"][:3]:
        child = (await city.get(f"/v1/tasks/{code}", city.coordinator)).json()
        assert (child["urgings"], child["version"]) == (1, 2)
    kinds = [type_ for _, _, type_ in await city.events()]
    assert kinds.count("task.urged.v1") == 1 + len(parent["children"])
