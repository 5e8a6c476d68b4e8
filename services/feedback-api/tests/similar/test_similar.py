"""Proposals over HTTP, against a real database: for officials of a report, and for whoever is about to send one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from cchc_shared.calendar.clock import FixedClock
from feedback_api.reports.models import feedback

from ..conftest import HOME_AFFAIRS, JUSTICE, People, Service

LAMP: dict[str, Any] = {
    "kind": "on_site",
    "category": "lighting",
    "title": "Đèn đường hỏng",
    "content": "Đèn đường trước số 12 ngõ 5 phố Đội Cấn hỏng ba hôm nay, tối om",
    "location": {"lat": 21.0345, "lon": 105.8245},
    "unit": HOME_AFFAIRS,
}
AGAIN = "Ngõ 5 phố Đội Cấn đèn đường hỏng, tối om mấy hôm rồi"


async def sent(service: Service, people: People, **body: object) -> str:
    answer = await service.post(LAMP | body, **people["citizen"])
    assert answer.status_code == 201, answer.text
    code: str = answer.json()["code"]
    return code


async def proposals(service: Service, code: str, caller: dict[str, str]) -> list[dict[str, Any]]:
    answer = await service.client.get(f"/v1/feedback/{code}/similar", headers=caller)
    assert answer.status_code == 200, answer.text
    assert answer.json()["code"] == code
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def nearby(service: Service, **query: str | float) -> list[dict[str, Any]]:
    answer = await service.client.get("/v1/public/similar", params={"lat": 21.0345, "lon": 105.8245, **query})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_what_tells_the_same_is_proposed_with_its_reasons(service: Service, people: People) -> None:
    first = await sent(service, people)
    again = await sent(service, people, content=AGAIN, location={"lat": 21.0347, "lon": 105.8246})
    without_place = await sent(service, people, content=AGAIN, location=None)
    await sent(service, people, content=AGAIN, location={"lat": 21.0645, "lon": 105.8245})
    await sent(service, people, content="Rác chất đống ở chợ", category="sanitation")
    found = await proposals(service, first, people["officer"])
    assert {each["code"] for each in found} == {again, without_place}
    near = next(each for each in found if each["code"] == again)
    assert near["distance_m"] == 25
    assert near["reasons"][0] == {"vi": "cách khoảng 25 mét", "en": "about 25 metres apart"}
    assert {"Đội", "Cấn", "hỏng"} <= set(near["words"])
    assert near["title"] == "Đèn đường hỏng"


async def test_time_ends_and_ended_reports_are_no_proposals(
    service: Service, people: People, clock: FixedClock
) -> None:
    await sent(service, people)
    refused = await sent(service, people)
    await service.act(refused, "refuse", people["desk"], 1, {"reason": "out_of_scope"})
    clock.advance(timedelta(days=31))
    late = await sent(service, people)
    assert await proposals(service, late, people["officer"]) == []


async def test_words_of_another_unit_stay_there(service: Service, people: People) -> None:
    first = await sent(service, people)
    elsewhere = await sent(service, people, content=AGAIN, unit=JUSTICE)
    (found,) = await proposals(service, first, people["officer"])
    assert (found["code"], found["readable"], found["title"]) == (elsewhere, False, None)
    (found,) = await proposals(service, first, people["desk"])
    assert (found["readable"], found["title"]) == (True, "Đèn đường hỏng")


async def test_only_officials_of_the_report_are_helped(service: Service, people: People) -> None:
    code = await sent(service, people)
    path = f"/v1/feedback/{code}/similar"
    assert (await service.client.get(path, headers=people["citizen"])).status_code == 403
    assert (await service.client.get(path, headers=people["other_officer"])).status_code == 404
    assert (await service.client.get("/v1/feedback/PA-26-999999/similar", headers=people["desk"])).status_code == 404


async def test_everyone_sees_no_words_and_no_exact_place(service: Service, people: People) -> None:
    code = await sent(service, people)
    await sent(service, people, category="security")
    await sent(service, people, kind="procedure")
    await sent(service, people, category="trees")
    (found,) = await nearby(service, category="lighting")
    assert found == {
        "code": code,
        "category": "lighting",
        "status": "open",
        "received_on": "2026-11-18",
        "lat": 21.035,
        "lon": 105.825,
        "distance_m": 76,
    }
    assert len(await nearby(service)) == 2
    assert await nearby(service, lat=21.04) == []


async def test_what_is_near_follows_from_the_rounded_place(service: Service, people: People) -> None:
    """Whoever asks from many places draws the circle of the rounded place, and of no other."""
    for lat in (21.03451, 21.0354):
        await sent(service, people, location={"lat": lat, "lon": 105.8251})
    for step in range(-30, 31, 3):
        found = await nearby(service, lat=21.035 + step / 10_000, lon=105.825)
        assert len(found) in (0, 2)


@pytest.mark.parametrize(
    ("status", "published", "shown"),
    [
        ("answered", False, None),
        ("published", True, "published"),
        ("closed", True, "published"),
        ("assigned", False, "open"),
    ],
)
async def test_open_and_published_ones_alone(
    service: Service, people: People, status: str, published: bool, shown: str | None, clock: FixedClock
) -> None:
    code = await sent(service, people)
    async with service.here.engine.begin() as conn:
        values = {"status": status, "published_at": clock.now() if published else None}
        await conn.execute(update(feedback).where(feedback.c.code == code).values(values))
    assert [each["status"] for each in await nearby(service)] == ([] if shown is None else [shown])
