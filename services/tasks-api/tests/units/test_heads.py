"""Who heads a unit, by period: for staff, and never two at once."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.exc import IntegrityError

from cchc_shared.calendar.clock import FixedClock
from tasks_api.units.domain import Head
from tasks_api.units.repository import head_of, replace_heads
from tests.support.tasks import Api

FIRST = {"name": "Nguyễn Thị An", "office": "Giám đốc", "valid_from": "2021-03-01", "valid_to": "2024-09-30"}
NEXT = {"name": "Trần Văn Bình", "office": "Giám đốc", "valid_from": "2024-10-01"}
PATH = "/v1/units/so-noi-vu/heads"


async def test_the_accountable_head_follows_from_the_day(city: Api) -> None:
    put = await city.send("PUT", PATH, city.operator, json={"heads": [NEXT, FIRST]})
    assert put.status_code == 200
    assert [each["name"] for each in put.json()["heads"]] == [FIRST["name"], NEXT["name"]]
    staff = city.officer("so-y-te")
    for day, name in (("2024-09-30", FIRST["name"]), ("2024-10-01", NEXT["name"]), ("2030-01-01", NEXT["name"])):
        assert (await city.get("/v1/units/so-noi-vu/head", staff, as_of=day)).json()["name"] == name
    assert (await city.get("/v1/units/so-noi-vu/head", staff, as_of="2021-02-28")).status_code == 404
    assert (await city.get("/v1/units/so-noi-vu/head", staff)).json()["name"] == FIRST["name"], "today is in 2024"
    assert not [name for _, _, name in await city.events() if "head" in name]


async def test_names_are_for_staff_and_written_by_the_operator(city: Api) -> None:
    body = {"heads": [FIRST]}
    assert (await city.send("PUT", PATH, city.coordinator, json=body)).status_code == 403
    for path in (PATH, "/v1/units/so-noi-vu/head"):
        assert (await city.get(path)).status_code == 401
        assert (await city.get(path, city.token("citizen"))).status_code == 403
    assert (await city.send("PUT", "/v1/units/nobody/heads", city.operator, json=body)).status_code == 404


@pytest.mark.parametrize(
    ("heads", "field"),
    [
        ([FIRST, NEXT | {"valid_from": "2024-09-30"}], "body.heads.1.valid_from"),
        ([NEXT, FIRST | {"valid_to": "2024-10-01"}], "body.heads.0.valid_from"),
        ([FIRST | {"valid_to": "2021-02-28"}], "body.heads.0.valid_to"),
        ([FIRST | {"name": " "}], "body.heads.0.name"),
    ],
)
async def test_two_heads_at_once_are_refused(city: Api, heads: list[dict[str, str]], field: str) -> None:
    answer = await city.send("PUT", PATH, city.operator, json={"heads": heads})
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


async def test_the_database_refuses_them_too(city: Api) -> None:
    one = Head(name="a", office="x", valid_from=date(2024, 1, 1), valid_to=date(2024, 6, 30))
    two = Head(name="b", office="x", valid_from=date(2024, 6, 30))
    with pytest.raises(IntegrityError, match="one_head_at_a_time"):
        async with city.here.engine.begin() as conn:
            await replace_heads(conn, "so-noi-vu", [one, two])
    async with city.here.engine.begin() as conn:
        await replace_heads(conn, "so-noi-vu", [one])
        await replace_heads(conn, "so-y-te", [two])


async def test_a_unit_that_ended_has_no_head_any_more(city: Api) -> None:
    body = {"heads": [FIRST | {"valid_to": None}]}
    assert (await city.send("PUT", "/v1/units/001/heads", city.operator, json=body)).status_code == 200
    async with city.here.engine.connect() as conn:
        assert await head_of(conn, "001", date(2025, 6, 30)) is not None
        assert await head_of(conn, "001", date(2025, 7, 1)) is None
    later = {"heads": [FIRST | {"valid_from": "2025-07-01", "valid_to": None}]}
    assert (await city.send("PUT", "/v1/units/001/heads", city.operator, json=later)).status_code == 422


async def test_a_list_is_changed_as_it_was_seen(city: Api, clock: FixedClock) -> None:
    clock.advance(datetime(2026, 2, 10, 3, tzinfo=UTC) - clock.now())
    seen = (await city.get(PATH, city.operator)).headers["etag"]
    asked = {"If-Match": seen}
    assert (await city.send("PUT", PATH, city.operator, json={"heads": [FIRST]}, headers=asked)).status_code == 200
    lost = await city.send("PUT", PATH, city.operator, json={"heads": [NEXT]}, headers=asked)
    assert (lost.status_code, lost.json()["code"]) == (412, "stale")
