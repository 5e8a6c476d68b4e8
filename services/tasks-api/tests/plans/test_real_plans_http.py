"""Plans of eleven offices, imported as they were published: who leads, who helps and until when."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cchc_shared.calendar.clock import FixedClock
from tests.support.http import Json
from tests.support.plans import post
from tests.support.tasks import Api

PLANS = Path(__file__).parents[1] / "annexes" / "plans"
ISSUED_ON = {
    "deadline-heading-thoi-gian-thuc-hien.txt": "2025-11-24",
    "two-row-header-parent-gives-values.txt": "2026-07-20",
    "task-codes-and-date-cells.csv": "2026-01-26",
    "section-numbers-restart.txt": "2025-11-19",
    "section-heading-in-first-cell.txt": "2025-12-01",
    "title-heading-noi-dung-thuc-hien.txt": "2025-11-18",
    "merged-lead-column.txt": "2025-11-19",
    "section-title-in-every-cell.txt": "2023-02-07",
    "second-table-below.txt": "2025-11-16",
    "sections-across-merged-cells.docx": "2026-01-12",
    "codes-merged-cells-date-formats.xlsx": "2026-01-26",
}
LISTED_SINCE = {"?Công an Thành phố": "cong-an-thanh-pho-ha-noi", "?Bộ Tư lệnh Thủ đô": "bo-tu-lenh-thu-do"}
"""Units that stood in no list when the table was made."""
BOTH = "all-departments-communes"


def codes(names: str) -> set[str]:
    """The codes of a cell of the table; one code for two groups stands for both."""
    found = {LISTED_SINCE.get(name.strip(), name.strip()) for name in names.split(";") if name.strip()}
    return (found - {BOTH}) | ({"all-departments", "all-communes"} if BOTH in found else set())


def expected_of(name: str) -> list[dict[str, str]]:
    with (PLANS / name).with_suffix(".expected.csv").open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def by_row(done: Json) -> dict[int, list[Json]]:
    found: dict[int, list[Json]] = {}
    for task in done["tasks"]:
        found.setdefault(task["row"], []).append(task)
    return found


@pytest.mark.parametrize("name", ISSUED_ON)
async def test_a_plan_comes_in_as_its_table_says(city: Api, clock: FixedClock, name: str) -> None:
    clock.advance(datetime(2026, 11, 27, 3, tzinfo=UTC) - clock.now())
    form = {"document_no": "77/KH-UBND", "issued_on": ISSUED_ON[name]}
    foreseen = (await post(city, (PLANS / name).read_bytes(), name=name, dry_run=True, form=form)).json()
    answer = await post(city, (PLANS / name).read_bytes(), name=name, form=form)
    assert answer.status_code == 201, answer.text
    done = answer.json()
    assert [task["title"] for task in foreseen["tasks"]] == [task["title"] for task in done["tasks"]]
    rows = (await city.get(f"/v1/plans/{done['plan']['code']}/rows", city.coordinator, limit=200)).json()["items"]
    expected, tasks = expected_of(name), by_row(done)
    assert [row["cells"]["title"] for row in rows] == [each["title"] for each in expected]
    for row, each in zip(rows, expected, strict=True):
        made = tasks.get(row["row"], [])
        unknown = {
            f"?{doubt['wording']}" for doubt in row["doubts"] if doubt["field"] == "lead_unit" and doubt["blocking"]
        }
        if row["state"] == "parked":
            assert (made, row["tasks"]) == ([], [])
            assert not codes(each["lead"]) or unknown & codes(each["lead"]), each["title"]
            continue
        assert codes(";".join(task["lead_unit"] for task in made)) == codes(each["lead"]), each["title"]
        assert {task["code"] for task in made} == set(row["tasks"])
        for task in made:
            assert codes(";".join(task["coordinating_units"])) == codes(each["coordinating"]), each["title"]
            assert (task["due_on"] or "") == each["due_on"], each["title"]
