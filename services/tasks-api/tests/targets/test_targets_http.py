"""Targets of plans over HTTP: set by the office, reported by the unit that answers, met or not by the last value."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Headers, Json
from tests.support.tasks import Api

PLAN, UNIT, OTHER = "KH-2024-0001", "so-noi-vu", "so-y-te"
PATH = f"/v1/plans/{PLAN}/targets"
TARGET: dict[str, Any] = {
    "text": "Hồ sơ được số hóa",
    "measure": "%",
    "value": 100,
    "due_on": "2024-12-31",
    "unit": UNIT,
}


async def set_(api: Api, **more: object) -> Json:
    answer = await api.send("POST", PATH, api.coordinator, json=TARGET | more)
    assert answer.status_code == 201, answer.text
    assert answer.headers["etag"] == '"1"'
    assert answer.headers["location"] == f"{PATH}/{answer.json()['id']}"
    return dict(answer.json())


async def report(
    api: Api, target: Json, period: str, value: float, who: Headers | None = None, **more: object
) -> httpx.Response:
    body = {"period": period, "value": value} | more
    return await api.send("POST", f"{PATH}/{target['id']}/values", who or api.officer(UNIT), json=body)


async def change(api: Api, target: Json, version: int, who: Headers | None = None, **more: object) -> httpx.Response:
    headers = (who or api.coordinator) | {"If-Match": f'"{version}"'}
    return await api.send("PUT", f"{PATH}/{target['id']}", headers, json=TARGET | more)


async def withdraw(api: Api, target: Json, version: int, who: Headers | None = None) -> httpx.Response:
    headers = (who or api.coordinator) | {"If-Match": f'"{version}"'}
    return await api.send("POST", f"{PATH}/{target['id']}/withdraw", headers)


async def listed(api: Api) -> Json:
    return dict((await api.get(PATH, api.coordinator)).json())


async def test_a_target_is_met_by_the_value_of_the_last_period(city: Api, clock: FixedClock) -> None:
    target = await set_(city)
    assert (target["standing"], target["last"]) == ("open", None)
    for period, value, standing in (("2024-Q1", 100, "met"), ("2024-Q2", 87.5, "open"), ("2024-01", 20, "open")):
        answer = await report(city, target, period, value, note="Theo báo cáo quý")
        assert (answer.status_code, answer.json()["standing"]) == (201, standing), period
    assert answer.json()["last"] == {
        "period": "2024-Q2", "version": 1, "value": 87.5, "note": "Theo báo cáo quý", "actor": f"officer of {UNIT}",
        "role": "officer", "at": "2024-06-03T03:00:00Z",
    }  # fmt: skip
    corrected = await report(city, target, "2024-Q2", 100)
    assert (corrected.json()["standing"], corrected.json()["last"]["version"]) == ("met", 2)
    most = await set_(city, text="Hồ sơ trễ hạn", comparison="at_most", value=1.5)
    assert (await report(city, most, "2024-06", 1.5)).json()["standing"] == "met"
    assert (await report(city, most, "2024-06", 1.6)).json()["standing"] == "open"
    shown = await listed(city)
    assert (shown["met"], shown["total"], [each["id"] for each in shown["items"]]) == (1, 2, [target["id"], most["id"]])
    clock.advance(timedelta(days=400))
    assert [each["standing"] for each in (await listed(city))["items"]] == ["met", "not_met"]


async def test_all_that_was_said_of_it_stays(city: Api) -> None:
    target = await set_(city)
    await report(city, target, "2024-Q1", 10)
    await report(city, target, "2024-Q1", 12, note="Đính chính")
    changed = await change(city, target, 1, value=95)
    assert (changed.status_code, changed.json()["version"], changed.json()["last"]["value"]) == (200, 2, 12)
    assert (await change(city, target, 1, value=90)).status_code == 412
    detail = (await city.get(f"{PATH}/{target['id']}", city.officer(OTHER))).json()
    assert [(value["value"], value["version"]) for value in detail["values"]] == [(10, 1), (12, 2)]
    assert [(each["version"], each["value"]) for each in detail["former"]] == [(1, 100)]
    assert (await withdraw(city, target, 2)).json()["withdrawn"] is True
    assert (await listed(city))["total"] == 0
    assert (await city.get(f"{PATH}/{target['id']}", city.coordinator)).json()["withdrawn"] is True
    for refused in (
        await change(city, target, 3),
        await withdraw(city, target, 3),
        await report(city, target, "2024-Q1", 1),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "target-withdrawn")


async def test_who_sets_and_who_reports(city: Api) -> None:
    target = await set_(city)
    of_others = city.token("coordinator", unit=OTHER)
    assert (await city.send("POST", PATH, of_others, json=TARGET)).status_code == 403
    assert (await change(city, target, 1, of_others)).status_code == 403
    assert (await withdraw(city, target, 1, of_others)).status_code == 403
    assert (await city.send("POST", PATH, city.head(UNIT), json=TARGET)).status_code == 403
    assert (await report(city, target, "2024-Q1", 1, city.head(OTHER))).json()["code"] == "not-permitted"
    assert (await report(city, target, "2024-Q1", 1, city.coordinator)).status_code == 403
    assert (await report(city, target, "2024-Q1", 1, city.head(UNIT))).status_code == 201
    assert (await city.get(PATH, city.token("citizen"))).status_code == 403


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"unit": "khong-co"}, "unit"), ({"value": "1e400"}, "value"), ({"text": ""}, "text"), ({"extra": 1}, "extra")],
)
async def test_what_is_refused(city: Api, fields: dict[str, Any], field: str) -> None:
    answer = await city.send("POST", PATH, city.coordinator, json=TARGET | fields)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, f"body.{field}")


async def test_no_such_plan_target_or_period(city: Api) -> None:
    assert (await city.get("/v1/plans/KH-1999-1/targets", city.coordinator)).status_code == 404
    assert (await city.send("POST", "/v1/plans/KH-1999-1/targets", city.coordinator, json=TARGET)).status_code == 404
    target = await set_(city)
    unknown = target | {"id": "01890a5d-ac96-774b-bcce-b302099a8057"}
    assert (await city.get(f"{PATH}/{unknown['id']}", city.coordinator)).status_code == 404
    assert (await report(city, unknown, "2024", 1)).status_code == 404
    for period in ("2024-Q5", "2024-Q3"):
        answer = await report(city, target, period, 1)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.period"), period


async def test_a_repeated_request_is_one(city: Api) -> None:
    headers = city.coordinator | {"Idempotency-Key": "k"}
    first, second = [await city.send("POST", PATH, headers, json=TARGET) for _ in range(2)]
    assert first.content == second.content
    assert (await listed(city))["total"] == 1
