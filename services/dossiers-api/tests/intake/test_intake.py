"""Deliveries over HTTP: a result for each, by its own field; the same state in any order; nobody's name."""

import asyncio
import json
import random
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from ..conftest import CODE, ENDED, HOME_AFFAIRS, ITEM, JUSTICE, Service, item, plain
from .test_vocabulary import ITEM as NATIONAL
from .test_vocabulary import PERSONAL

LIFE = [
    item("received", "2026-11-02T09:00"),
    item("supplement_requested", "2026-11-03T09:00"),
    item("in_progress", "2026-11-05T09:00", fee_charged=True),
    item("handled", "2026-11-13T09:00", fee_charged=True, paid_online=True),
    item("returned", "2026-11-16T09:00", fee_charged=True, paid_online=True, electronic_result=True),
]


async def test_a_life_in_order_shuffled_and_repeated(service: Service) -> None:
    assert [each["status"] for each in await service.send(*LIFE)] == ["accepted"] * 5
    in_order = await service.get(CODE)
    other = "H26.33-261102-0002"
    shuffled = [each | {"dossier": other} for each in LIFE]
    random.Random(7).shuffle(shuffled)  # noqa: S311 - to be the same in every run
    for each in shuffled:
        assert (await service.send(each, each))[1]["status"] == "duplicate"
    assert {**await service.get(other), "code": CODE, "version": in_order["version"]} == in_order
    assert in_order["due_at"] == "2026-11-14T10:00:00Z"  # two days of waiting later than the appointment
    assert (in_order["late"], in_order["ended_at"]) == (False, "2026-11-13T02:00:00Z")


async def test_a_repeated_batch_changes_nothing(service: Service) -> None:
    await service.send(*LIFE)
    before, events = await service.get(CODE), await service.events()
    assert [each["status"] for each in await service.send(*LIFE)] == ["duplicate"] * 5
    assert await service.get(CODE) == before
    assert await service.events() == events


async def test_both_vocabularies_say_the_same(service: Service) -> None:
    own = ITEM | {"dossier": "H26.33-261102-0002", "field": "G01", "source_status": "2"}
    results = await service.send(NATIONAL, own)
    assert [each["status"] for each in results] == ["accepted", "accepted"]
    national = await service.get(NATIONAL["MaHoSo"])
    assert {**await service.get("H26.33-261102-0002"), "code": CODE} == national
    assert national["unit"] == HOME_AFFAIRS


async def test_nobody_is_named_anywhere(service: Service) -> None:
    await service.send(NATIONAL)
    async with service.here.engine.connect() as conn:
        for table in ("dossier", "dossier_delivery", "outbox"):
            kept = str((await conn.execute(text(f"SELECT to_jsonb(t)::text FROM {table} t"))).scalars().all())
            assert not any(value in kept for value in PERSONAL.values())


async def test_one_wrong_item_among_a_thousand(service: Service) -> None:
    items = [ITEM | {"dossier": f"H26.33-261102-{number:04}"} for number in range(1000)]
    items[17] = items[17] | {"channel": "pigeon"}
    results = await service.send(*items)
    assert [each["index"] for each in results if each["status"] != "accepted"] == [17]
    [error] = results[17]["problem"]["errors"]
    assert (error["field"], error["row"]) == ("body.items.17.channel", 17)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"dossier": "H29.33-261102-0001"}, "dossier"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"appointment_at": "9999-12-31T23:59:59-12:00"}, "appointment_at"),
        ({"dossier": "H26-1"}, "dossier"),
        ({"status": "0"}, "status"),
        ({"at": "2026-12-02T09:00:00+07:00"}, "at"),
        ({"at": "02/11/2026"}, "at"),
        ({"unit": ENDED}, "unit"),
        ({"unit": "Sở Nội v"}, "unit"),
        ({"received_at": None}, "received_at"),
        ({"received_at": "2026-11-02T10:00:00+07:00"}, "received_at"),
        ({"appointment_at": "2026-11-01T10:00:00+07:00"}, "appointment_at"),
        ({"applicant": "Nguyễn Văn A"}, "applicant"),
    ],
)
async def test_what_is_wrong_is_named_by_its_field(service: Service, change: dict[str, Any], field: str) -> None:
    [result] = await service.send(ITEM | change)
    assert result["status"] == "rejected"
    assert [each["field"] for each in result["problem"]["errors"]] == [f"body.items.0.{field}"]
    assert not await service.events()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"MaHoSo": "H29.33-261102-0001"}, "MaHoSo"),
        ({"MaHoSo": None}, "MaHoSo"),
        ({"TrangThaiHoSo": "interoperating"}, "TrangThaiHoSo"),
        ({"NgayTiepNhan": "11/25/2026"}, "NgayTiepNhan"),
        ({"DonViXuLy": "Sở Nội v"}, "DonViXuLy"),
        ({"MaTTHC": ""}, "MaTTHC"),
        ({"KenhThucHien": "9"}, "KenhThucHien"),
    ],
)
async def test_what_is_wrong_in_the_portals_words_is_named_in_them(
    service: Service, change: dict[str, Any], field: str
) -> None:
    [result] = await service.send(NATIONAL | change)
    assert [each["field"] for each in result["problem"]["errors"]] == [f"body.items.0.{field}"]


async def test_a_key_that_stands_twice_is_named_in_its_item_alone(service: Service) -> None:
    twice = json.dumps(ITEM)[:-1] + ', "status": "handled"}'
    within = json.dumps(NATIONAL)[:-1] + ', "DanhSachHoSoBoSung": [{"NgayBoSung": "", "NgayBoSung": ""}]}'
    content = f'{{"items": [{json.dumps(ITEM)}, {twice}, {within}]}}'
    first, *refused = (await posted(service, content)).json()["results"]
    assert first["status"] == "accepted"
    assert [each["problem"]["errors"][0]["field"] for each in refused] == [
        "body.items.1.status", "body.items.2.NgayBoSung",
    ]  # fmt: skip
    assert len(await service.events()) == 1


async def test_a_batch_that_cannot_be_meant_is_refused_whole(service: Service) -> None:
    item = json.dumps(ITEM)
    answer = await posted(service, f'{{"items": [{item}], "items": [{item}]}}')
    assert answer.status_code == 422
    assert "`items`" in answer.json()["errors"][0]["message"]
    assert (await posted(service, f'{{"items": [{item}')).status_code == 400
    assert (await posted(service, '{"items": ' + "[" * 100_000)).status_code == 400
    assert not await service.events()


async def posted(service: Service, content: str) -> httpx.Response:
    headers = {"Content-Type": "application/json", **service.system}
    return await service.client.post("/v1/dossiers/events", content=content, headers=headers)


async def test_another_content_is_told_apart_from_a_repeat(service: Service) -> None:
    await service.send(ITEM)
    [result] = await service.send(ITEM | {"unit": JUSTICE, "fee_charged": True})
    assert (result["status"], result["problem"]["code"]) == ("rejected", "dossier-differs")
    assert {each["field"] for each in result["problem"]["errors"]} == {"body.items.0.unit", "body.items.0.fee_charged"}
    assert (await service.get(CODE))["unit"] == HOME_AFFAIRS


async def test_a_status_that_goes_backwards_is_refused_and_one_that_was_is_shown(service: Service) -> None:
    await service.send(LIFE[0], LIFE[3])
    [result] = await service.send(item("in_progress", "2026-11-14T09:00"))
    assert (result["status"], result["problem"]["code"]) == ("rejected", "dossier-backwards")
    # The same two the other way round: what came first is found to go backwards. Both are kept, in either order.
    other = "H26.33-261102-0002"
    await service.send(item("in_progress", "2026-11-14T09:00", dossier=other))
    [result] = await service.send(item("handled", "2026-11-13T09:00", dossier=other))
    assert result["status"] == "accepted"
    shown = await service.get(other)
    assert [(each["status"], each["backwards"]) for each in shown["history"]] == [
        ("handled", False),
        ("in_progress", True),
    ]
    assert shown["status"] == "handled"


async def test_batches_about_the_same_dossiers_at_once(service: Service) -> None:
    batches = [list(LIFE) for _ in range(8)]
    others = [[each | {"dossier": f"H26.33-261102-{number:04}"} for each in LIFE] for number in range(2, 30)]
    for number, batch in enumerate(batches):
        batch += [each for life in others for each in life]
        random.Random(number).shuffle(batch)  # noqa: S311 - to be the same in every run
    results = await asyncio.gather(*(service.send(*batch) for batch in batches))
    accepted = [each for result in results for each in result if each["status"] == "accepted"]
    assert len(accepted) == 5 * 29
    events = await service.events()
    by_code: dict[str, list[int]] = {}
    for code, version, _ in events:
        by_code.setdefault(code, []).append(version)
    assert all(versions == list(range(1, len(versions) + 1)) for versions in by_code.values())
    last = {code: plain(data) for code, _, data in events}
    assert len({tuple(sorted((k, v) for k, v in each.items() if k != "code")) for each in last.values()}) == 1


async def test_who_may_see_a_dossier(service: Service) -> None:
    await service.send(ITEM)
    sees = {
        "other system": service.tokens(sub="one-stop-2", roles=["system"]),
        "officer": service.tokens(sub="o-1", roles=["officer"], unit=HOME_AFFAIRS),
        "other officer": service.tokens(sub="o-2", roles=["officer"], unit=JUSTICE),
        "officer of none": service.tokens(sub="o-3", roles=["officer"]),
        "inspector": service.tokens(sub="i-1", roles=["inspector"]),
        "citizen": service.tokens(sub="c-1", roles=["citizen"]),
    }
    found = {
        name: (await service.client.get(f"/v1/dossiers/{CODE}", headers=caller)).status_code
        for name, caller in sees.items()
    }
    assert found == {
        "other system": 404,
        "officer": 200,
        "other officer": 404,
        "officer of none": 404,
        "inspector": 200,
        "citizen": 404,
    }


async def test_lists_go_on_where_they_ended(service: Service) -> None:
    items = [ITEM | {"dossier": f"H26.33-261102-{number:04}"} for number in range(7)]
    await service.send(*items, ITEM | {"dossier": "H26.33-261102-0099", "unit": JUSTICE})
    officer = service.tokens(sub="o-1", roles=["officer"], unit=HOME_AFFAIRS)
    found, cursor = list[str](), None
    while True:
        wanted = {"limit": 3} | ({} if cursor is None else {"cursor": cursor})
        page = (await service.client.get("/v1/dossiers", params=wanted, headers=officer)).json()
        found += [each["code"] for each in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == [f"H26.33-261102-{number:04}" for number in reversed(range(7))]
    nobody = service.tokens(sub="o-3", roles=["officer"])
    assert (await service.client.get("/v1/dossiers", headers=nobody)).json()["items"] == []
