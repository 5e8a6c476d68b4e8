"""Who reads a closed month, and who closes it anew."""

from datetime import timedelta
from typing import Any

import pytest

from cchc_shared.contract.codes import OVERSIGHT, Role
from tests.support.http import Json

from .conftest import CLOSED, LEAD, OTHER, PATH, City, midnight


async def entered_late(city: City) -> None:
    """A plan of November that is imported after the month was closed."""
    plan = {
        "document_no": "9/KH-UBND", "issued_on": "2026-11-10", "title": "Kế hoạch",
        "issuer": "UBND Thành phố Hà Nội",
    }  # fmt: skip
    rows = "TT\tNhiệm vụ\tCơ quan chủ trì\tThời gian\n1\tRà soát\tSở Nội vụ\t30/11/2026\n"
    files = {"file": ("a.txt", rows.encode())}
    answer = await city.api.send("POST", "/v1/plans/import", city.api.coordinator, data=plan, files=files)
    assert answer.status_code == 201, answer.text
    city.clock.advance(timedelta(minutes=6))


async def test_a_correction_is_a_new_version_and_the_old_one_stays(city: City) -> None:
    await city.assign(lead_unit=OTHER)
    await city.close()
    first = await city.read()
    same = await city.correct()
    assert (same.status_code, same.json()["code"]) == (409, "month-unchanged")
    await entered_late(city)
    answer = await city.correct()
    assert answer.status_code == 201, answer.text
    corrected = answer.json()
    assert (corrected["version"], corrected["reason"], corrected["changed"]) == (2, "Nhập muộn văn bản", [LEAD])
    assert (await city.api.get(answer.headers["Location"], city.api.coordinator)).json() == await city.read()
    second = await city.read()
    assert (second["version"], second["sha256"], second["rule"]) == (2, corrected["sha256"], None)
    assert [(row["unit"], row["assigned"]) for row in second["items"]] == [(LEAD, 1), (OTHER, 1)]
    assert await city.read(version=1) == first
    unknown = await city.get(version=3)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    assert (await city.correct()).json()["code"] == "month-unchanged"
    listed = (await city.api.get(PATH, city.api.coordinator)).json()["items"]
    assert [one["version"] for one in listed[0]["versions"]] == [2, 1]


async def test_the_next_month_follows_on_the_newest_version(city: City) -> None:
    await city.assign()
    await city.close()
    await entered_late(city)
    assert (await city.correct()).status_code == 201
    await city.close(midnight(2027, 1, 5, 5))
    december = await city.read("2026-12")
    assert december["carried_from"] == 2
    assert await city.row("2026-12") == {"carried_over": 2, "total": 2, "open": 2, "overdue": 2}


async def test_a_correction_before_the_next_month_was_closed_late_loses_nothing(city: City) -> None:
    """The worker was away: November is corrected in February, and December closed after that."""
    await city.assign()
    await city.close()
    city.move(midnight(2027, 2, 1))
    await entered_late(city)
    assert (await city.correct()).status_code == 201
    await city.close(city.clock.now())
    assert await city.row("2026-12") == {"carried_over": 2, "total": 2, "open": 2, "overdue": 2}


async def test_a_repeated_correction_takes_effect_once(city: City) -> None:
    await city.close()
    await entered_late(city)
    headers = city.api.coordinator | {"Idempotency-Key": "once"}
    path, body = f"{PATH}/2026-11/actions/correct", {"reason": "Nhập muộn"}
    first, again = [await city.api.send("POST", path, headers, json=body) for _ in range(2)]
    assert (first.status_code, first.content) == (201, again.content)


async def test_a_month_that_closes_by_itself_or_is_not_over_is_not_corrected(city: City) -> None:
    city.move(CLOSED)
    for month in ("2026-11", "2027-05"):
        answer = await city.correct(month)
        assert (answer.status_code, answer.json()["code"]) == (404, "month-not-closed")


async def test_a_month_from_before_the_rule_is_closed_by_the_office_once_it_is_over(city: City) -> None:
    city.move(midnight(2026, 10, 31))  # the clock of the test goes back
    await city.assign()
    early = await city.correct("2026-10")
    assert (early.status_code, early.json()["code"], "closes_at" in early.json()) == (404, "month-not-closed", False)
    city.move(midnight(2026, 11, 2))
    made = await city.correct("2026-10", reason="Số liệu cũ")
    assert (made.status_code, made.json()["version"], made.json()["changed"]) == (201, 1, [])
    assert (await city.correct("2026-10")).json()["code"] == "month-unchanged"
    await city.close()
    assert (await city.read())["carried_from"] == 1
    assert await city.row() == {"assigned": 1, "total": 1, "due": 1, "open": 1, "overdue": 1}


@pytest.mark.parametrize("reason", ["", "    x", "y" * 501])
async def test_a_correction_says_why(city: City, reason: str) -> None:
    answer = await city.correct(reason=reason)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "body.reason")


async def test_only_the_citys_office_closes_anew(city: City) -> None:
    await city.close()
    await entered_late(city)
    for role in Role:
        for unit in (None, LEAD, OTHER):
            citys = role is Role.COORDINATOR and unit is None
            who = city.api.token(role, unit=unit)
            answer = await city.correct(who=who)
            assert answer.status_code == (201 if citys else 403), (role, unit)


async def test_who_sees_which_rows(city: City) -> None:
    await city.assign()
    await city.assign(lead_unit=OTHER)
    await city.close()
    every = await city.read()
    assert [row["unit"] for row in every["items"]] == [LEAD, OTHER]
    for role in Role:
        who = city.api.token(role, unit=LEAD)
        answer = await city.get(who=who)
        if role in OVERSIGHT:
            assert answer.json() == every, role
        elif role in {Role.UNIT_HEAD, Role.OFFICER}:
            own = answer.json()
            assert own == every | {"items": every["items"][:1]}
            other = await city.get(who=who, unit=OTHER)
            assert (other.status_code, other.json()["code"]) == (404, "not-found")
            assert (await city.read(who=who, unit=LEAD)) == own
        else:
            assert answer.status_code == 403, role
            assert (await city.api.get(PATH, who)).status_code == 403
    assert (await city.read(who=city.api.token(Role.OFFICER)))["items"] == []
    assert [row["unit"] for row in (await city.read(unit=OTHER))["items"]] == [OTHER]


async def test_rows_come_in_pages(city: City) -> None:
    for unit in (LEAD, OTHER):
        await city.assign(lead_unit=unit)
    await city.close()
    first: Json = await city.read(limit=1)
    rest: dict[str, Any] = await city.read(limit=1, cursor=first["next_cursor"])
    assert [(row["unit"], row["total"]) for row in first["items"] + rest["items"]] == [(LEAD, 1), (OTHER, 1)]
    assert first["total"] == rest["total"]
    assert rest["next_cursor"] is None
