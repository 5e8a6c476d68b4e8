"""Plans as offices have them: who leads, who helps and until when, by the three readers together."""

import csv
from datetime import date
from pathlib import Path

import pytest

from tasks_api.annexes import reading
from tasks_api.annexes.rules import AnnexRules
from tests.support.tasks import Profile

PLANS = Path(__file__).parent / "plans"
HANOI = Path(__file__).parents[4] / "data" / "hanoi"
ISSUED_ON = {
    "deadline-heading-thoi-gian-thuc-hien.txt": date(2025, 11, 24),
    "two-row-header-parent-gives-values.txt": date(2026, 7, 20),
    "task-codes-and-date-cells.csv": date(2026, 1, 26),
    "section-numbers-restart.txt": date(2025, 11, 19),
    "section-heading-in-first-cell.txt": date(2025, 12, 1),
    "title-heading-noi-dung-thuc-hien.txt": date(2025, 11, 18),
    "merged-lead-column.txt": date(2025, 11, 19),
    "section-title-in-every-cell.txt": date(2023, 2, 7),
    "second-table-below.txt": date(2025, 11, 16),
    "sections-across-merged-cells.docx": date(2026, 1, 12),
    "codes-merged-cells-date-formats.xlsx": date(2026, 1, 26),
}
LISTED_SINCE = {"?Công an Thành phố": "cong-an-thanh-pho-ha-noi", "?Bộ Tư lệnh Thủ đô": "bo-tu-lenh-thu-do"}
"""Units that stood in no list when the table was made."""
BOTH = "all-departments-communes"


def codes(names: str) -> set[str]:
    """The codes of a cell of the table; one code for two groups stands for both."""
    found = {LISTED_SINCE.get(name.strip(), name.strip()) for name in names.split(";") if name.strip()}
    return (found - {BOTH}) | ({"all-departments", "all-communes"} if BOTH in found else set())


@pytest.mark.parametrize("name", ISSUED_ON)
def test_a_plan_comes_out_as_its_table_says(profile: Profile, name: str) -> None:
    issued_on = ISSUED_ON[name]
    units, deadlines = profile.unit_reader(issued_on), profile.rules.deadline_reader(profile.calendar)
    found = reading.read((PLANS / name).read_bytes(), name, AnnexRules.load(HANOI))
    with (PLANS / name).with_suffix(".expected.csv").open(encoding="utf-8-sig") as file:
        expected = list(csv.DictReader(file))
    assert [row.cells["title"] for row in found.rows] == [each["title"] for each in expected]
    for row, each in zip(found.rows, expected, strict=True):
        lead = units.read(row.cells.get("lead_unit", ""), role="lead")
        helpers = units.read(row.cells.get("coordinating_units", ""), role="coordinating")
        due = deadlines.read(row.cells.get("due_text", ""), issued_on)
        unknown = {f"?{one.wording}" for one in lead.unknown}
        assert codes(";".join(lead.units)) | unknown == codes(each["lead"]), each["title"]
        assert codes(";".join(helpers.units)) == codes(each["coordinating"]), each["title"]
        assert due.due_on == (date.fromisoformat(each["due_on"]) if each["due_on"] else None), each["title"]
