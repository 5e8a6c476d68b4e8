"""What the city's own documents become: units with their validity, the calendar, the published plan."""

import csv
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.system import System, pages

PUBLISHED = Path("services/tasks-api/tests/plans/annex_2024.csv")
"""The annex as a person reads it off the published document."""


@pytest.mark.parametrize(
    ("as_of", "districts", "communes"),
    [("2024-12-31", 30, 579), ("2025-01-01", 30, 526), ("2025-06-30", 30, 526), ("2025-07-01", 0, 126)],
)
def test_units_are_those_of_the_day(desk: httpx.Client, as_of: str, districts: int, communes: int) -> None:
    assert len(pages(desk, "/v1/units", as_of=as_of, kind="district")) == districts
    assert len(pages(desk, "/v1/units", as_of=as_of, kind="commune")) == communes


def test_deadlines_are_counted_in_the_citys_working_time(citizen: httpx.Client) -> None:
    friday_evening = {"start": "2026-08-21T11:00:00Z", "working_hours": "8"}  # the Saturday after it is made up
    assert _due(citizen, friday_evening) == "2026-08-22T10:30:00Z"
    before_tet = {"start": "2026-02-13T03:00:00Z", "working_days": "1"}
    assert _due(citizen, before_tet) == "2026-02-23T10:30:00Z"


def _due(client: httpx.Client, query: dict[str, str]) -> str:
    due_at: str = client.get("/v1/calendar/deadline", params=query).raise_for_status().json()["due_at"]
    return due_at


@pytest.fixture
def plan(desk: httpx.Client) -> dict[str, Any]:
    [found] = pages(desk, "/v1/plans", document_no="/KH-UBND")
    return found


@pytest.fixture
def tasks(desk: httpx.Client, plan: dict[str, Any]) -> list[dict[str, Any]]:
    return pages(desk, "/v1/tasks", plan=plan["code"])


def test_the_plan_is_the_published_table(desk: httpx.Client, plan: dict[str, Any], tasks: list[dict[str, Any]]) -> None:
    assert (plan["document_no"], plan["tasks"]) == ("/KH-UBND", 11)
    names = {unit["code"]: unit["name"] for unit in pages(desk, "/v1/units", as_of=plan["issued_on"])}
    group = "Các Sở, ban, ngành; UBND các quận, huyện, thị xã"
    names["all-departments-districts"] = group
    found = [
        {
            "tt": str(task["number"]),
            "ten_nhiem_vu": task["title"],
            "co_quan_chu_tri": names[task["lead_unit"]],
            "co_quan_phoi_hop": ", ".join(names[unit] for unit in task["coordinating_units"]),
            "thoi_gian_hoan_thanh_text": task["due_text"],
            "han_suy_ra_cuoi_ky": task["due_on"],
            "san_pham_ket_qua": task["product"],
            "nguon_nhiem_vu": task["source"],
        }
        for task in sorted(tasks, key=lambda task: task["number"])
        if task["parent"] is None
    ]
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        assert found == list(csv.DictReader(file))


def test_row_nine_fans_out_into_every_department_and_district(
    desk: httpx.Client, plan: dict[str, Any], tasks: list[dict[str, Any]]
) -> None:
    [parent] = [task for task in tasks if task["fanned_out"]]
    children = [task for task in tasks if task["parent"] == parent["code"]]
    assert parent["number"] == 9
    assert sorted(parent["children"]) == sorted(child["code"] for child in children)
    members = [
        unit["code"]
        for kind in ("department", "district")
        for unit in pages(desk, "/v1/units", as_of=plan["issued_on"], kind=kind)
    ]
    assert sorted(child["lead_unit"] for child in children) == sorted(members)
    assert {child["due_on"] for child in children} == {"2024-06-30"}


@pytest.mark.parametrize(
    ("as_of", "total", "due_soon", "overdue"),
    [
        ("2024-04-30", 0, 0, 0),
        ("2024-05-01", 11, 0, 0),
        ("2024-06-26", 11, 0, 0),
        ("2024-06-27", 11, 4, 0),
        ("2024-06-30", 11, 4, 0),
        ("2024-07-01", 11, 0, 4),
        ("2024-09-30", 11, 4, 4),
        ("2024-10-01", 11, 0, 8),
        ("2025-01-01", 11, 0, 11),
    ],
)
def test_progress_is_right_at_any_date(
    desk: httpx.Client, plan: dict[str, Any], as_of: str, total: int, due_soon: int, overdue: int
) -> None:
    reply = desk.get(f"/v1/plans/{plan['code']}/progress", params={"as_of": as_of}).raise_for_status().json()
    found = {
        name: reply[name] for name in ("total", "completed", "completed_late", "in_progress", "due_soon", "overdue")
    }
    expected = {"total": total, "due_soon": due_soon, "overdue": overdue}
    assert found == {"completed": 0, "completed_late": 0, "in_progress": 0} | expected
    assert reply["children"]["total"] == (52 if total else 0)
    assert reply["children"]["overdue"] == (52 if as_of > "2024-06-30" else 0)


def test_what_the_system_is_made_of_answers_for_itself(system: System, citizen: httpx.Client) -> None:
    for part in system.parts:
        if part != "postgres":
            for path in ("/livez", "/readyz"):
                assert httpx.get(f"{system.address(part)}{path}", timeout=10).status_code == 200, (part, path)
    merged = citizen.get("/openapi.json").raise_for_status().json()
    assert merged["openapi"].startswith("3.1")
    for path in ("/v1/feedback", "/v1/tasks", "/v1/plans/import", "/v1/units", "/v1/scores", "/dev/tokens"):
        assert path in merged["paths"]
