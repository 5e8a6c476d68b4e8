"""Cells as plans have them, and what must come out.

* `published.csv`: wordings of public plans.
* `invented.csv`: further wordings of the same kinds, made up before the code was tried on them (of two, the wording was
  later taken to begin with "UBND").
* `decided.csv`: wordings on which a rule was decided, or that were once read wrongly.

Columns: `units` are codes; `unknown` wordings that name no unit; `asked` the candidates of each question ("-": none);
`warned` a part of a warning; `persons` the cell without persons ("-": nothing). Several stand apart with "|"; what is
empty must not be there at all. In a wording, \\n is a line break.

Three rows of `published.csv` name offices that an older list of units did not have ("Công an TP", "Công an TPHN",
"Bộ CHQS tỉnh"): the list has them now, so their codes come out. "Trung tâm Chuyển đổi số Thành phố" is in no list.
"""

import csv
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple

import pytest

from .conftest import ReaderOn

HERE = Path(__file__).parent


class Row(NamedTuple):
    """A line of the tables."""

    wording: str
    column: Literal["lead", "coordinating"]
    day: str
    units: str
    unknown: str
    asked: str
    warned: str
    persons: str


def rows(name: str) -> list[Row]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [Row(**line)._replace(wording=line["wording"].replace("\\n", "\n")) for line in csv.DictReader(file)]  # type: ignore[arg-type]


def apart(cell: str) -> list[str]:
    return cell.split("|") if cell else []


@pytest.mark.parametrize(
    "row",
    [*rows("published.csv"), *rows("invented.csv"), *rows("decided.csv")],
    ids=lambda row: f"{row.wording} {row.day}",
)
def test_a_cell_says_what_the_table_says(reader_on: ReaderOn, row: Row) -> None:
    found = reader_on(date.fromisoformat(row.day)).read(row.wording, role=row.column)
    assert ";".join(found.units) == row.units
    assert [each.wording for each in found.unknown] == apart(row.unknown)
    assert [" ".join(each.candidates) or "-" for each in found.questions] == apart(row.asked)
    said = [warning.vi for warning in found.warnings]
    assert bool(said) == bool(row.warned)
    assert [part for part in apart(row.warned) if not any(part in each for each in said)] == []
    assert all(warning.en for warning in found.warnings)
    assert found.persons == bool(row.persons)


@pytest.mark.parametrize("row", rows("invented.csv"), ids=lambda row: row.wording)
def test_persons_do_not_stay_in_the_wording(reader_on: ReaderOn, row: Row) -> None:
    reader = reader_on(date.fromisoformat(row.day))
    rest = reader.without_persons(row.wording)
    assert rest == {"": row.wording, "-": ""}.get(row.persons, row.persons)
    assert reader.without_persons(rest) == rest


def test_an_ended_unit_proposes_its_successors(reader_on: ReaderOn) -> None:
    [unknown] = reader_on(date(2026, 2, 10)).read("Sở Kế hoạch và Đầu tư", role="lead").unknown
    assert unknown.nearest == ("so-tai-chinh",)


def test_nearest_names_are_proposed_and_not_taken(reader_on: ReaderOn) -> None:
    found = reader_on(date(2026, 2, 10)).read("Xã Ba Đình", role="lead")
    assert found.units == ()
    assert found.unknown[0].nearest[0] == "00004"


def test_a_cell_that_is_too_long_is_not_read(reader_on: ReaderOn) -> None:
    reader = reader_on(date(2026, 2, 10))
    whole = "; ".join(["Sở Nội vụ"] * 700)
    assert reader.read(whole, role="coordinating").units == ("so-noi-vu",)
    found = reader.read(f"{whole}; {whole}", role="coordinating")
    assert (found.units, len(found.unknown)) == ((), 1)
