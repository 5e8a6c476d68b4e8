"""What the city's documents become in the database."""

from typing import Any

from sqlalchemy import event

from tasks_api.seed import seed, units_of
from tests.support.http import Headers, Query
from tests.support.tasks import Api

PLAN = "KH-2024-0001"


async def test_units_are_those_of_each_period(city: Api) -> None:
    expected = {
        "2024-12-31": {"commune": 579, "district": 30},
        "2025-06-30": {"commune": 526, "district": 30},
        "2025-07-01": {"commune": 126, "district": 0},
    }
    for day, kinds in expected.items():
        for kind, count in kinds.items():
            assert len(await _all(city, "/v1/units", as_of=day, kind=kind)) == count, (day, kind)


async def test_plan_is_imported_with_its_children(city: Api) -> None:
    plans = (await city.get("/v1/plans", city.coordinator, document_no="/KH-UBND")).json()["items"]
    assert [(plan["code"], plan["tasks"], plan["issued_on"]) for plan in plans] == [(PLAN, 11, "2024-05-01")]
    tasks = await _all(city, "/v1/tasks", city.coordinator, plan=PLAN)
    rows = [task for task in tasks if task["parent"] is None]
    assert sorted(task["number"] for task in rows) == list(range(1, 12))
    [ninth] = [task for task in rows if task["fanned_out"]]
    assert (ninth["number"], ninth["lead_unit"]) == (9, "all-departments-districts")
    assert len(ninth["children"]) == len(tasks) - 11 == 53
    assert all(task["coordinating_units"] == ["all-departments-districts"] for task in rows if task["number"] != 9)


async def test_every_unit_plan_and_task_has_its_event(city: Api) -> None:
    events = await city.events()
    assert len(events) == len(set(events)) == len(units_of(city.here.profile)) + 1 + 64
    assert {version for _, version, _ in events} == {1}
    assert [subject for subject, _, type_ in events if type_ == "plan.imported.v1"] == [PLAN]


async def test_a_second_run_writes_nothing(city: Api) -> None:
    before = await city.events()
    statements: list[str] = []
    event.listen(
        city.here.engine.sync_engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2])
    )
    await seed(city.here)
    assert await city.events() == before
    assert [each for each in statements if not each.startswith("SELECT")] == []


async def _all(api: Api, path: str, who: Headers | None = None, **query: Query) -> list[dict[str, Any]]:
    """Every page of a list."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = (await api.get(path, who, limit=200, **query, **({"cursor": cursor} if cursor else {}))).json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items
