"""Corrections by the co-ordinator, and the log of where a month hung."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from ..conftest import HOME_AFFAIRS, JUSTICE
from .conftest import CLOSED, PATH, City

POSTINGS = f"{PATH}/2026-11/postings"
ON_THE_BOARD = {"version": 1, "place": "Bảng tin trụ sở, tầng 1", "posted_on": "2026-12-06"}


async def post(city: City, who: str, **body: object) -> httpx.Response:
    return await city.service.client.post(POSTINGS, json=ON_THE_BOARD | body, headers=city.people[who])


async def test_who_corrects_and_when(city: City) -> None:
    client = city.service.client
    for month in ("2026-11", "2027-01", "2030-12"):
        early = await city.correct(month)
        assert (early.status_code, early.json()["code"]) == (409, "month-still-open")
    city.move(CLOSED)
    assert (await city.correct()).json()["code"] == "month-still-open", "it is about to close by itself"
    await city.close()
    same = await city.correct()
    assert (same.status_code, same.json()["code"]) == (409, "nothing-to-correct")
    for who, status in (("officer", 403), ("head", 403), ("citizen", 403), ("inspector", 403)):
        answer = await client.post(f"{PATH}/2026-11/versions", json={"reason": "Vì"}, headers=city.people[who])
        assert answer.status_code == status
    assert (await client.post(f"{PATH}/2026-11/versions", json={"reason": "Vì thiếu"})).status_code == 401
    for reason in ("", "x", "Gọi 0912 345 678 để biết", "y" * 501):
        answer = await city.correct(reason=reason)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.reason"), reason


async def test_what_came_today_is_corrected_tomorrow_and_a_repeated_request_once(city: City) -> None:
    city.move(CLOSED)
    await city.close()
    await city.send(received_at="2026-11-20T02:00:00Z")
    assert (await city.correct()).json()["code"] == "nothing-to-correct"
    city.clock.advance(timedelta(days=1))
    headers = city.people["desk"] | {"Idempotency-Key": "once"}
    path = f"{PATH}/2026-11/versions"
    first, again = [
        await city.service.client.post(path, json={"reason": "Chuyển muộn"}, headers=headers) for _ in range(2)
    ]
    assert (first.status_code, first.content) == (201, again.content)
    assert first.headers["Location"] == f"{PATH}/2026-11?version=2"
    assert (await city.service.client.get(first.headers["Location"])).status_code == 200
    assert first.json()["changes"] == (await city.read())["changes"]
    assert (await city.correct()).json()["code"] == "nothing-to-correct"


async def test_where_it_hung(city: City) -> None:
    client = city.service.client
    assert (await post(city, "officer")).json()["code"] == "not-published"
    city.move(CLOSED)
    await city.close()
    assert (await client.get(POSTINGS)).json() == {"items": [], "next_cursor": None}
    posted = await post(city, "officer")
    assert posted.status_code == 201
    assert posted.json() | {"recorded_at": None, "unit_name": None} == {
        "month": "2026-11",
        "unit": HOME_AFFAIRS,
        "unit_name": None,
        "recorded_at": None,
        "taken_down_on": None,
        **ON_THE_BOARD,
    }
    city.clock.advance(timedelta(days=30))
    assert (await post(city, "head", taken_down_on="2026-12-31")).status_code == 201
    assert (await post(city, "other_officer", place="Bộ phận một cửa")).status_code == 201
    log = (await client.get(POSTINGS)).json()["items"]
    assert [(each["unit"], each["taken_down_on"]) for each in log] == [(JUSTICE, None), (HOME_AFFAIRS, "2026-12-31")]
    page = (await client.get(POSTINGS, params={"limit": 1})).json()
    rest = (await client.get(POSTINGS, params={"limit": 1, "cursor": page["next_cursor"]})).json()
    assert (page["items"] + rest["items"], rest["next_cursor"]) == (log, None)
    assert (await client.get(POSTINGS, params={"unit": JUSTICE})).json()["items"] == log[:1]
    of_unit = (await client.get(f"{PATH}/2026-11/units/{HOME_AFFAIRS}")).text
    assert "Bảng tin trụ sở, tầng 1" in of_unit
    assert "31/12/2026" in of_unit
    assert "Bộ phận một cửa" not in of_unit
    assert "Bộ phận một cửa" in (await client.get(f"{PATH}/2026-11")).text
    assert "officer" not in (await client.get(POSTINGS)).text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"version": 2}, "body.version"),
        ({"posted_on": "2026-12-05"}, "body.posted_on"),
        ({"posted_on": "2026-12-07"}, "body.posted_on"),
        ({"taken_down_on": "2026-12-05"}, "body.taken_down_on"),
        ({"taken_down_on": "2026-12-07"}, "body.taken_down_on"),
        ({"place": "  "}, "body.place"),
        ({"place": "Bảo vệ, gọi 0912 345 678"}, "body.place"),
        ({"name": "Nguyễn Văn Bảy"}, "body.name"),
    ],
)
async def test_a_posting_that_cannot_be(city: City, body: dict[str, Any], field: str) -> None:
    city.move(CLOSED)
    await city.close()
    answer = await post(city, "officer", **body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_only_staff_of_a_unit_write_it_down(city: City) -> None:
    city.move(CLOSED)
    await city.close()
    for who in ("desk", "citizen", "system", "inspector"):
        assert (await post(city, who)).status_code == 403
    assert (await city.service.client.post(POSTINGS, json=ON_THE_BOARD)).status_code == 401
