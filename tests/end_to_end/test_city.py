"""What the city's own documents become: units with their validity, the calendar, the published plan."""

import csv
from pathlib import Path

import httpx
import pytest

from tests.support.http import Client, Clients, Json
from tests.support.system import System

PUBLISHED = Path("services/tasks-api/tests/plans/annex_2024.csv")
"""The annex as a person reads it off the published document."""


@pytest.mark.parametrize(
    ("as_of", "districts", "communes"),
    [("2024-12-31", 30, 579), ("2025-01-01", 30, 526), ("2025-06-30", 30, 526), ("2025-07-01", 0, 126)],
)
def test_units_are_those_of_the_day(desk: Client, as_of: str, districts: int, communes: int) -> None:
    assert len(desk.pages("/v1/units", as_of=as_of, kind="district")) == districts
    assert len(desk.pages("/v1/units", as_of=as_of, kind="commune")) == communes


def test_deadlines_are_counted_in_the_citys_working_time(citizen: Client) -> None:
    friday_evening, made_up_saturday = "2026-08-21T11:00:00Z", "2026-08-22T10:30:00Z"
    due = citizen.get("/v1/calendar/deadline", start=friday_evening, working_hours=8)
    assert due["due_at"] == made_up_saturday
    before_tet, after_tet = "2026-02-13T03:00:00Z", "2026-02-23T10:30:00Z"
    due = citizen.get("/v1/calendar/deadline", start=before_tet, working_days=1)
    assert due["due_at"] == after_tet


def test_a_score_leads_to_who_is_accountable(callers: Clients, desk: Client) -> None:
    """No event and no score holds a name: the score says where it is read."""
    then, now = ({"name": name, "office": "Giám đốc"} for name in ("Trần Thị Bình", "Lê Văn Cường"))
    heads = [{**then, "valid_from": "2025-03-01", "valid_to": "2026-03-31"}, {**now, "valid_from": "2026-04-01"}]
    said = callers.as_operator().send("PUT", "/v1/units/so-du-lich/heads", json={"heads": heads})
    assert said.status_code == 200, said.text
    for period, name in (("2026-Q1", then["name"]), ("2026-Q2", now["name"])):
        score = desk.get("/v1/scores/so-du-lich", set="CCHC-CITY", period=period)
        assert desk.http.get(score["head"]).json()["name"] == name


@pytest.fixture
def plan(desk: Client) -> Json:
    [found] = desk.pages("/v1/plans", document_no="/KH-UBND")
    return found


@pytest.fixture
def tasks(desk: Client, plan: Json) -> list[Json]:
    return desk.pages("/v1/tasks", plan=plan["code"])


def test_the_plan_is_the_published_table(desk: Client, plan: Json, tasks: list[Json]) -> None:
    assert (plan["document_no"], plan["tasks"]) == ("/KH-UBND", 11)
    names = {unit["code"]: unit["name"] for unit in desk.pages("/v1/units", as_of=plan["issued_on"])}
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


def test_row_nine_fans_out_into_every_department_and_district(desk: Client, plan: Json, tasks: list[Json]) -> None:
    [parent] = [task for task in tasks if task["fanned_out"]]
    children = [task for task in tasks if task["parent"] == parent["code"]]
    assert parent["number"] == 9
    assert sorted(parent["children"]) == sorted(child["code"] for child in children)
    members = [
        unit["code"]
        for kind in ("department", "district")
        for unit in desk.pages("/v1/units", as_of=plan["issued_on"], kind=kind)
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
    desk: Client, plan: Json, as_of: str, total: int, due_soon: int, overdue: int
) -> None:
    reply = desk.get(f"/v1/plans/{plan['code']}/progress", as_of=as_of)
    found = {
        name: reply[name] for name in ("total", "completed", "completed_late", "in_progress", "due_soon", "overdue")
    }
    expected = {"total": total, "due_soon": due_soon, "overdue": overdue}
    assert found == {"completed": 0, "completed_late": 0, "in_progress": 0} | expected
    assert reply["children"]["total"] == (53 if total else 0)
    assert reply["children"]["overdue"] == (53 if as_of > "2024-06-30" else 0)


def test_what_the_system_is_made_of_answers_for_itself(system: System, citizen: Client) -> None:
    system.wait_at_rest()
    for part in system.parts:
        if part != "postgres":
            for path in ("/livez", "/readyz"):
                assert httpx.get(f"{system.address(part)}{path}", timeout=10).status_code == 200, (part, path)
    merged = citizen.get("/openapi.json")
    assert merged["openapi"].startswith("3.1")
    for path in ("/v1/feedback", "/v1/tasks", "/v1/plans/import", "/v1/units", "/v1/scores", "/dev/tokens"):
        assert path in merged["paths"]
