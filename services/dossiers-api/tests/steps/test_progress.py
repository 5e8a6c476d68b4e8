"""Progress rows become steps, and each step is late for its own unit."""

from typing import Any

import pytest
from sqlalchemy import insert

from cchc_shared.directory.models import units
from cchc_shared.directory.service import Directory

from ..conftest import CODE, HOME_AFFAIRS, ITEM, JUSTICE, Service, item, plain

ROW: dict[str, Any] = {
    "dossier": CODE,
    "office": "Phòng Hành chính",
    "at": "2026-11-03T09:00:00+07:00",
    "started_at": "2026-11-03T09:00:00+07:00",
    "due_at": "2026-11-04T17:00:00+07:00",
}


async def sent(service: Service, *rows: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await service.client.post("/v1/dossiers/progress", json={"items": rows}, headers=service.system)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


async def steps(service: Service) -> list[tuple[str, str, str | None, bool | None]]:
    answer = await service.client.get(f"/v1/dossiers/{CODE}/steps", headers=service.system)
    assert answer.status_code == 200, answer.text
    return [(each["office"], each["unit"], each["ended_at"], each["late"]) for each in answer.json()["items"]]


def row(office: str, started: str, **other: object) -> dict[str, Any]:
    at = f"{started}:00+07:00"
    return ROW | {"office": office, "started_at": at, "at": at} | other


async def test_each_step_is_its_owners(service: Service) -> None:
    await service.send(ITEM)
    second = row("Sở Tư pháp", "2026-11-05T08:00", due_at="2026-11-09T17:00:00+07:00")
    assert [each["status"] for each in await sent(service, second, ROW)] == ["accepted", "accepted"]
    assert await steps(service) == [
        ("Phòng Hành chính", HOME_AFFAIRS, "2026-11-05T01:00:00Z", True),
        ("Sở Tư pháp", JUSTICE, None, True),
    ]
    await service.send(item("handled", "2026-11-09T16:00"))
    assert (await steps(service))[1] == ("Sở Tư pháp", JUSTICE, "2026-11-09T09:00:00Z", False)
    events = [(code, version, plain(data)) for code, version, data in await service.events() if "#" in code]
    assert [(code, version, data["unit"]) for code, version, data in events] == [
        (f"{CODE}#1", 1, HOME_AFFAIRS), (f"{CODE}#2", 1, JUSTICE), (f"{CODE}#2", 2, JUSTICE),
    ]  # fmt: skip
    board = service.tokens(sub="board", roles=["scoring_board"])
    counted = await service.client.get("/v1/statistics/dossier-steps", params={"group_by": "unit"}, headers=board)
    assert [(each["unit"], each["steps"], each["on_time"], each["late"]) for each in counted.json()["rows"]] == [
        (HOME_AFFAIRS, 1, 0, 1), (JUSTICE, 1, 1, 0),
    ]  # fmt: skip


async def test_every_row_has_a_result_of_its_own(service: Service) -> None:
    await service.send(ITEM)
    rows = [
        ROW,
        ROW,
        ROW | {"due_at": "2026-11-05T17:00:00+07:00"},
        ROW | {"dossier": "H26.33-261102-0009"},
        ROW | {"at": "2026-11-19T09:00:00+07:00"},
        ROW | {"started_at": "2026-11-03T10:00:00+07:00"},
        ROW | {"due_at": "2026-11-03T08:00:00+07:00"},
        {name: value for name, value in ROW.items() if name != "office"},
    ]
    results = await sent(service, *rows)
    assert [each["status"] for each in results] == ["accepted", "duplicate", *["rejected"] * 6]
    assert [each["problem"]["code"] for each in results[2:4]] == ["progress-differs", "dossier-unknown"]
    assert [each["problem"]["errors"][0]["field"] for each in results[4:]] == [
        "body.items.4.at", "body.items.5.started_at", "body.items.6.due_at", "body.items.7.office",
    ]  # fmt: skip
    assert len(await steps(service)) == 1


async def test_rows_in_the_words_of_the_portal_name_nobody(service: Service) -> None:
    await service.send(ITEM)
    national = {
        "MaHoSo": CODE,
        "NguoiXuLy": "Nguyễn Văn A",
        "ChucDanh": "Chuyên viên",
        "ThoiDiemXuLy": "20261103090000",
        "PhongBanXuLy": "Phòng Hành chính",
        "NoiDungXuLy": "Chuyển hồ sơ của bà Trần Thị B",
        "TrangThai": "Đang xử lý",
        "NgayBatDau": "03/11/2026 09:00:00",
        "NgayKetThucTheoQuyDinh": "04/11/2026",
    }
    wrong = national | {"NgayBatDau": "hôm qua"}
    results = await sent(service, national, wrong, national | {"PhongBanXuLy": ""})
    assert [each["status"] for each in results] == ["accepted", "rejected", "rejected"]
    assert results[1]["problem"]["errors"][0]["field"] == "body.items.1.NgayBatDau"
    assert results[2]["problem"]["errors"][0]["field"] == "body.items.2.PhongBanXuLy"
    assert await steps(service) == [("Phòng Hành chính", HOME_AFFAIRS, None, True)]
    everything = str([plain(data) for _, _, data in await service.events()])
    assert "Nguyễn" not in everything


async def test_the_process_inside_says_until_when(service: Service) -> None:
    decision = {
        "number": "1/QĐ-UBND", "issued_on": "2026-10-01", "unit": HOME_AFFAIRS,
        "publishes": [{
            "procedure": "1.001234", "name": "x", "field": "y", "field_name": "z", "levels": ["city"],
            "effective_on": "2026-10-20", "working_days": 5,
        }],
        "processes": [{"procedure": "1.001234", "effective_on": "2026-10-20", "steps": [
            {"name": "Tiếp nhận", "working_hours": 4}, {"name": "Thẩm định", "working_hours": 8, "unit": JUSTICE},
        ]}],
    }  # fmt: skip
    control = service.tokens(sub="control", roles=["coordinator"])
    made = await service.client.post("/v1/procedure-decisions", json=decision, headers=control)
    assert made.status_code == 201, made.text
    await service.send(ITEM)
    bare = {name: value for name, value in ROW.items() if name != "due_at"}
    later = {"office": "Phòng 2", "started_at": "2026-11-03T16:00:00+07:00", "at": "2026-11-03T16:00:00+07:00"}
    await sent(service, bare, bare | later)
    long_ago = bare | {"dossier": CODE[:-1] + "2", "started_at": "1900-01-01T00:00:00+07:00"}
    await service.send(ITEM | {"dossier": long_ago["dossier"]})
    assert [each["status"] for each in await sent(service, long_ago)] == ["accepted"]
    answer = await service.client.get(f"/v1/dossiers/{CODE}/steps", headers=service.system)
    assert [(each["unit"], each["due_at"]) for each in answer.json()["items"]] == [
        (HOME_AFFAIRS, "2026-11-03T07:30:00Z"),  # four hours after nine, with the break at noon
        (JUSTICE, "2026-11-04T10:30:00Z"),  # after 15:00: from the next morning
    ]


@pytest.mark.parametrize(("roles", "unit", "status"), [
    (["officer"], HOME_AFFAIRS, 200), (["officer"], JUSTICE, 404), (["citizen"], None, 404), (["council"], None, 200),
])  # fmt: skip
async def test_who_may_see_the_dossier_sees_its_steps(
    service: Service, roles: list[str], unit: str | None, status: int
) -> None:
    await service.send(ITEM)
    caller = service.tokens(sub="x", roles=roles, unit=unit)
    assert (await service.client.get(f"/v1/dossiers/{CODE}/steps", headers=caller)).status_code == status


async def test_a_row_is_the_same_though_the_directory_learned_of_a_unit_meanwhile(service: Service) -> None:
    await service.send(ITEM)
    said = row("Sở Mới", "2026-11-03T09:00")
    assert [each["status"] for each in await sent(service, said)] == ["accepted"]
    new = {"subject": "so-moi", "version": 1, "code": "so-moi", "name": "Sở Mới", "valid_from": None, "valid_to": None}
    async with service.here.engine.begin() as conn:
        await conn.execute(insert(units), [new])
    await service.here.use(Directory).refresh()
    assert [each["status"] for each in await sent(service, said)] == ["duplicate"]
