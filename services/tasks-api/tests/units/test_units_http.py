"""The directory of units over HTTP."""

import asyncio
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.calendar.clock import FixedClock
from cchc_shared.contract.codes import UnitKind
from tasks_api.units.domain import Unit
from tests.support.http import Query
from tests.support.tasks import Api

HUE = {"name": "Thành phố Huế", "kind": "province", "valid_from": "2025-01-01"}


async def test_a_code_passes_from_one_unit_to_another(city: Api) -> None:
    async def name(**query: Query) -> str:
        return str((await city.get("/v1/units/00004", **query)).json()["name"])

    assert await name(as_of="2024-12-31") == "Phường Trúc Bạch"
    assert await name(as_of="2025-07-01") == "Phường Ba Đình"
    assert await name() == "Phường Trúc Bạch", "the test's today is in 2024"
    assert (await city.get("/v1/units/001", as_of="2025-07-01")).status_code == 404
    ended = (await city.get("/v1/units/so-dan-toc-va-ton-giao")).json()
    assert ended["valid_from"] == "2025-03-01", "nobody holds it yet: the latest"


async def test_the_next_unit_of_a_code_has_another_tag(city: Api, clock: FixedClock) -> None:
    before = await city.get("/v1/units/00004")
    known = {"If-None-Match": before.headers["etag"]}
    assert (await city.send("GET", "/v1/units/00004", known)).status_code == 304
    clock.advance(datetime(2025, 7, 1, 3, tzinfo=UTC) - clock.now())
    after = await city.send("GET", "/v1/units/00004", known)
    assert (after.status_code, after.json()["name"]) == (200, "Phường Ba Đình")
    assert before.json()["version"] == after.json()["version"], "the tag tells them apart"


async def test_a_unit_is_changed_as_it_was_seen(api: Api) -> None:
    async def put(change: dict[str, str], **asked: str) -> httpx.Response:
        headers = {name.replace("_", "-"): value for name, value in asked.items()}
        return await api.send("PUT", "/v1/units/46", api.operator, json=HUE | change, headers=headers)

    assert (await put({}, If_Match="*")).status_code == 412, "there is nothing to match"
    created = await put({}, If_None_Match="*")
    assert created.status_code == 201
    again = await put({"name": "Huế"}, If_None_Match="*")
    assert (again.status_code, again.json()["code"]) == (412, "stale")
    seen = created.headers["etag"]
    assert again.headers["etag"] == seen
    assert (await put({"name": "Huế"}, If_Match=seen)).status_code == 200
    lost = await put({"name": "Cố đô Huế"}, If_Match=seen)
    assert (lost.status_code, lost.json()["code"]) == (412, "stale")
    assert (await api.get("/v1/units/46", as_of="2025-01-01")).json()["name"] == "Huế"
    assert (await put({"valid_from": "2030-01-01"}, If_Match=seen)).status_code in {409, 412}
    assert (await put({"name": "Cố đô Huế"}, If_Match="none")).json()["errors"][0]["field"] == "header.If-Match"


async def test_search_and_pages(city: Api) -> None:
    first = (await city.get("/v1/units", q="ba dinh", as_of="2024-05-01", limit=1)).json()
    assert [unit["code"] for unit in first["items"]] == ["001"]
    for query in (
        {"cursor": "?"},
        {"as_of": "1/5/2024"},
        {"as_of": "2024-05-01T00:00:00"},
        {"as_of": "86400"},
        {"kind": "planet"},
        {"limit": 0},
    ):
        answer = await city.get("/v1/units", **query)
        assert answer.status_code == 422, query
        assert answer.json()["errors"][0]["field"] == f"query.{next(iter(query))}"


async def test_another_province_is_data(api: Api) -> None:
    created = await api.send("PUT", "/v1/units/46", api.operator, json=HUE)
    assert (created.status_code, created.headers["etag"]) == (201, '"2025-01-01.1"')
    again = await api.send("PUT", "/v1/units/46", api.operator, json=HUE)
    assert (again.status_code, again.headers["etag"]) == (200, '"2025-01-01.1"')
    changed = await api.send("PUT", "/v1/units/46", api.operator, json=HUE | {"valid_to": "2030-12-31"})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2025-01-01.2"')
    ward = {"name": "Phường Thuận Hóa", "kind": "commune", "parent": "46", "valid_from": "2025-07-01"}
    assert (await api.send("PUT", "/v1/units/19753", api.operator, json=ward)).status_code == 201
    assert await api.events() == [
        ("46@2025-01-01", 1, "unit.defined.v1"),
        ("46@2025-01-01", 2, "unit.defined.v1"),
        ("19753@2025-07-01", 1, "unit.defined.v1"),
    ]


async def test_periods_of_one_code_never_overlap(api: Api) -> None:
    def period(since: str | None, until: str | None) -> dict[str, Any]:
        return {"name": f"Phường {since}", "kind": "commune", "valid_from": since, "valid_to": until}

    async def put(since: str | None, until: str | None) -> int:
        answer = await api.send("PUT", "/v1/units/00004", api.operator, json=period(since, until))
        return int(answer.status_code)

    assert await put(None, "2025-06-30") == 201
    assert await put("2025-06-30", None) == 409
    assert sorted(await asyncio.gather(put("2025-07-01", None), put("2025-07-02", None))) == [201, 409]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (HUE | {"surprise": 1}, "body.surprise"),
        (HUE | {"kind": "planet"}, "body.kind"),
        (HUE | {"parent": "99"}, "body.parent"),
        (HUE | {"parent": "46"}, "body.parent"),
        (HUE | {"name": "a\0b"}, "body.name"),
        (HUE | {"valid_to": "2024-12-31"}, "body"),
        (HUE | {"valid_from": 86400}, "body.valid_from"),
        ({"name": "Huế", "kind": "province"}, "body.valid_from"),
    ],
)
async def test_bad_units_are_refused_by_field(api: Api, body: dict[str, Any], field: str) -> None:
    answer = await api.send("PUT", "/v1/units/46", api.operator, json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_only_an_operator_changes_units(api: Api) -> None:
    assert (await api.send("PUT", "/v1/units/46", json=HUE)).status_code == 401
    assert (await api.send("PUT", "/v1/units/46", api.coordinator, json=HUE)).status_code == 403


DAYS = st.none() | st.dates()


@given(a=DAYS, b=DAYS, c=DAYS, d=DAYS, day=st.dates())
def test_a_day_in_both_periods_is_an_overlap(
    a: date | None, b: date | None, c: date | None, d: date | None, day: date
) -> None:
    one = Unit(code="1", name="a", kind=UnitKind.COMMUNE, valid_from=a, valid_to=b)
    two = Unit(code="1", name="b", kind=UnitKind.COMMUNE, valid_from=c, valid_to=d)
    assert one.overlaps(two) == two.overlaps(one)
    if one.valid_on(day) and two.valid_on(day):
        assert one.overlaps(two)


async def test_an_ended_unit_names_its_successors(city: Api, clock: FixedClock) -> None:
    clock.advance(datetime(2026, 2, 10, 3, tzinfo=UTC) - clock.now())
    code = "so-tai-nguyen-va-moi-truong"
    assert (await city.get(f"/v1/units/{code}")).json()["successors"] == ["so-nong-nghiep-va-moi-truong"]
    later = await city.get(f"/v1/units/{code}", as_of="2025-08-15")
    assert later.status_code == 404
    assert later.json()["successors"] == [
        {"code": "so-nong-nghiep-va-moi-truong", "name": "Sở Nông nghiệp và Môi trường"}
    ]
    assert later.json()["valid_to"] == "2025-02-28"
    assert "Sở Nông nghiệp và Môi trường" in later.json()["detail"]
    district = (await city.get("/v1/units/001", as_of="2025-07-01")).json()
    assert "00004" in [each["code"] for each in district["successors"]]
    before = await city.get("/v1/units/so-dan-toc-va-ton-giao", as_of="2024-01-01")
    assert (before.status_code, "successors" in before.json()) == (404, False), "it has not begun"


async def test_units_are_found_by_their_other_names(city: Api) -> None:
    async def codes(q: str, as_of: str) -> list[str]:
        return [unit["code"] for unit in (await city.get("/v1/units", q=q, as_of=as_of)).json()["items"]]

    assert await codes("KH&CN", "2026-02-10") == ["so-khoa-hoc-va-cong-nghe"]
    assert await codes("sở nv", "2026-02-10") == ["so-noi-vu"]
    assert await codes("so noi vu", "2026-02-10") == ["so-noi-vu"]
    assert await codes("dong da", "2024-05-10") == await codes("Đống Đa", "2024-05-10") == ["006"]
    assert await codes("cuc thue", "2024-05-10") == ["thue-thanh-pho-ha-noi"]
    assert await codes("cuc thue", "2026-02-10") == [], "it is not called so any more"
