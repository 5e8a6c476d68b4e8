"""Comparisons and exports of scores over HTTP."""

import csv
import io
from collections.abc import Mapping
from datetime import timedelta

import httpx
import openpyxl
import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Json
from tests.support.scored import MORNING, task, unit
from tests.support.scoring import ScoringService

Asked = Mapping[str, str]
JUNE = {"set": "CCHC-CITY", "period": "2026-06"}
COMPARE = "/v1/scores/compare"


@pytest.fixture
async def scored(service: ScoringService, clock: FixedClock) -> ScoringService:
    """A has done its task in time; B has done one of two, and the other late."""
    early, done, late = (MORNING + timedelta(days=1), MORNING + timedelta(hours=1), MORNING + timedelta(days=3))
    clock.advance(timedelta(days=4))
    tasks = [*task(1, "A", early, done), *task(2, "B", early, done), *task(3, "B", early, late)]
    await service.apply([unit("A"), unit("B"), *tasks])
    return service


async def get(service: ScoringService, path: str, query: Asked, role: str = "council") -> httpx.Response:
    return await service.client.get(path, params={**JUNE, **query}, headers=service.headers(roles=[role]))


async def compared(service: ScoringService, query: Asked) -> Json:
    answer = await get(service, COMPARE, {"unit": "A", **query})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def rows(service: ScoringService, path: str, query: Asked) -> list[dict[str, str]]:
    answer = await get(service, f"{path}.csv", query)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


async def test_two_units_and_two_periods(scored: ScoringService) -> None:
    found = await compared(scored, {"with": "B"})
    listed = {one["unit"]: one for one in (await scored.get("/v1/scores", **JUNE)).json()["items"]}
    for side, code in (("first", "A"), ("second", "B")):
        same = ("unit", "name", "kind", "total", "max", "percent", "coverage", "rank", "band")
        assert {name: found[side][name] for name in same} == {name: listed[code][name] for name in same}
    # 1.1.1: all of 30 against half.
    first = found["items"][0]
    assert (first["code"], first["field"], first["difference"], first["share_difference"]) == ("1.1.1", "1", 15, 0.5)
    assert (first["first"]["points"], first["second"]["points"], first["second"]["max"]) == (30, 15, 30)
    assert found["total_difference"] == listed["A"]["total"] - listed["B"]["total"]
    assert sum(one["difference"] or 0 for one in found["items"]) == found["total_difference"]
    assert (found["template"], bool(found["notice"])) == (True, True)

    # From 2027 on another version scores: criteria that only one of them has say so.
    found = await compared(scored, {"with_period": "2027-01"})
    assert found["first"]["version"] != found["second"]["version"]
    assert (found["second"]["unit"], found["second"]["period"]) == ("A", "2027-01")
    assert {one["only_in"] for one in found["items"]} >= {"second"}


async def test_who_may_compare_what(scored: ScoringService) -> None:
    refused: list[Asked] = [{}, {"with": "B", "with_period": "2026-05"}]
    for query in refused:
        answer = await get(scored, COMPARE, {"unit": "A", **query})
        assert [error["field"] for error in answer.json()["errors"]] == ["query.with"]
    strange: list[Asked] = [{"with": "Z"}, {"with": "B", "set": "NONE"}, {"with": "B", "unit": "Z"}]
    for query in strange:
        assert (await get(scored, COMPARE, {"unit": "A", **query})).status_code == 404
    for role, status in (("officer", 200), ("citizen", 403)):
        answer = await get(scored, COMPARE, {"unit": "A", "with": "B"}, role)
        assert answer.status_code == status


async def test_a_comparison_as_a_sheet(scored: ScoringService) -> None:
    whole, first, *_ = found = await rows(scored, f"{COMPARE}/export", {"unit": "A", "with": "B"})
    shown = await compared(scored, {"with": "B"})
    assert [row["Mã tiêu chí"] for row in found] == ["", *(one["code"] for one in shown["items"])]
    assert (whole["Tiêu chí"], float(whole["Chênh lệch điểm"])) == ("Toàn bộ", shown["total_difference"])
    assert [float(first[name]) for name in ("Điểm thứ nhất", "Điểm thứ hai", "Chênh lệch điểm")] == [30, 15, 15]
    assert {(row["Thứ nhất"], row["Thứ hai"]) for row in found} == {("Đơn vị A, 2026-06", "Đơn vị B, 2026-06")}
    assert {row["Lưu ý"] for row in found} == {shown["notice"]}
    assert (await get(scored, f"{COMPARE}/export.csv", {"unit": "A"})).status_code == 422


async def test_the_list_of_scores_as_a_sheet(scored: ScoringService) -> None:
    listed = (await scored.get("/v1/scores", **JUNE, as_of="2026-06-02")).json()
    found = await rows(scored, "/v1/scores/export", {"as_of": "2026-06-02"})
    assert [(row["Mã đơn vị"], row["Thứ hạng"], row["Xếp loại"]) for row in found] == [
        (one["unit"], str(one["rank"] or ""), one["band_name"] or "") for one in listed["items"]
    ]
    row, one = found[0], listed["items"][0]
    numbers = {"Tổng điểm": "total", "Tỷ lệ phần trăm": "percent", "Phần điểm có số liệu": "coverage"}
    assert {heading: float(row[heading]) for heading in numbers} == {
        heading: one[name] for heading, name in numbers.items()
    }
    for field in one["fields"]:
        cell = row[f"Điểm lĩnh vực {field['code']}. {field['name']}"]
        assert (float(cell) if cell else None) == field["score"]
    assert row["Lưu ý"] == listed["notice"], "that weights are invented stands on every line"
    assert (row["Bộ chỉ số"], row["Kỳ"], row["Tính đến"]) == ("CCHC-CITY", "2026-06", "2026-06-02 23:59:59")

    book = openpyxl.load_workbook(io.BytesIO((await scored.get("/v1/scores/export.xlsx", **JUNE)).content))
    headings, best, *_ = book["Điểm chỉ số"].iter_rows(values_only=True)
    assert dict(zip(headings, best, strict=True))["Tổng điểm"] == 50
    assert all(cell.data_type != "f" for sheet in book for line in sheet.iter_rows() for cell in line)
    assert await rows(scored, "/v1/scores/export", {"kind": "commune"}) == []
