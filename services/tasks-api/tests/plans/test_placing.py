"""Plans under plans: who places them, and what of them is counted together."""

import asyncio

import httpx
import pytest

from tests.support.http import Headers, Json
from tests.support.plans import TABLE, post
from tests.support.tasks import Api

PLAN, UNIT = "KH-2024-0001", "so-noi-vu"
COUNTS = ("total", "not_started", "overdue", "no_deadline")


async def imported(api: Api, number: str) -> str:
    answer = await post(api, TABLE, document_no=number)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["plan"]["code"])


async def place(
    api: Api, plan: str, under: str | None, who: Headers | None = None, version: int | None = None
) -> httpx.Response:
    if version is None:
        version = (await api.get(f"/v1/plans/{plan}", api.coordinator)).json()["version"]
    headers = (who or api.coordinator) | {"If-Match": f'"{version}"'}
    return await api.send("POST", f"/v1/plans/{plan}/actions/place_under", headers, json={"plan": under})


async def progress(api: Api, plan: str, **query: str) -> Json:
    return dict((await api.get(f"/v1/plans/{plan}/progress", api.coordinator, as_of="2024-07-01", **query)).json())


async def test_plans_under_a_plan_are_counted_with_it(city: Api) -> None:
    first, second = await imported(city, "1/KH-SNV"), await imported(city, "2/KH-SNV")
    alone = await progress(city, PLAN)
    assert (alone["plans"], alone["rate"]["text"]) == ([PLAN], "0/11 = 0.00 %")
    placed = await place(city, first, PLAN)
    assert (placed.status_code, placed.json()["parent"], placed.headers["etag"]) == (200, PLAN, '"2"')
    assert (await place(city, second, first)).status_code == 200
    assert await progress(city, PLAN) == alone, "of its own accord a plan counts its own rows"
    whole = await progress(city, PLAN, with_children="true")
    parts = [await progress(city, plan) for plan in (PLAN, first, second)]
    assert whole["plans"] == [PLAN, first, second]
    assert {name: whole[name] for name in COUNTS} == {name: sum(part[name] for part in parts) for name in COUNTS}
    assert whole["children"] == alone["children"]
    assert [event for event in await city.events() if event[0] == first][1:] == [(first, 2, "plan.placed.v1")]
    assert (await place(city, first, None)).json()["parent"] is None
    assert (await progress(city, PLAN, with_children="true"))["plans"] == [PLAN]


async def test_no_plan_stands_under_itself(city: Api) -> None:
    first, second = await imported(city, "1/KH-SNV"), await imported(city, "2/KH-SNV")
    assert (await place(city, second, first)).status_code == 200
    for plan, under in ((first, second), (first, first), (first, "KH-2024-9999")):
        refused = await place(city, plan, under)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "body.plan"), under


async def test_two_at_once_make_no_circle(city: Api) -> None:
    first, second = await imported(city, "1/KH-SNV"), await imported(city, "2/KH-SNV")
    answers = await asyncio.gather(place(city, first, second, None, 1), place(city, second, first, None, 1))
    done = [answer for answer in answers if answer.status_code == 200]
    assert len(done) == 1
    assert {answer.status_code for answer in answers} <= {200, 422, 503}


@pytest.mark.parametrize(("unit", "status"), [(None, 200), ("van-phong-ubnd-thanh-pho", 200), ("so-y-te", 403)])
async def test_who_places(city: Api, unit: str | None, status: int) -> None:
    plan = await imported(city, "1/KH-SNV")
    answer = await place(city, plan, PLAN, city.token("coordinator", unit=unit))
    assert answer.status_code == status, answer.text
    assert (await place(city, plan, PLAN, city.head(UNIT))).status_code == 403
    stale = await place(city, plan, None, None, 9)
    assert stale.status_code == 412
    missing = await place(city, "KH-2024-9999", PLAN, None, 1)
    assert missing.status_code == 404


async def test_a_unit_places_its_own_plan(city: Api) -> None:
    office = city.token("coordinator", unit=UNIT)
    answer = await post(city, TABLE, who=office, document_no="5/KH-SNV", issuer="Sở Nội vụ")
    assert answer.status_code == 201, answer.text
    assert (await place(city, answer.json()["plan"]["code"], PLAN, office)).status_code == 200
