"""Sums, changes and the choice of a form; what else publications share is tested in the services that publish."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.calendar.months import Month
from cchc_shared.contract.provenance import Text
from cchc_shared.publications import domain
from cchc_shared.publications.domain import Change, Named, Row, following, table, total
from cchc_shared.publications.formats import MEDIA, asked_for

NOVEMBER = Month(2026, 11)


class Cell(NamedTuple):
    """So many things of one colour."""

    month: Month
    colour: str | None
    many: int


class Figures(msgspec.Struct, frozen=True):
    """How many."""

    many: int

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> "Figures":
        return cls(sum(cell.many for cell in cells))


class Sheet(domain.Sheet, frozen=True, kw_only=True):
    """Things by colour."""

    publication: str = "things"
    total: Row[Figures]
    by_colour: Sequence[Row[Figures]]
    changes: Sequence[Change] = ()

    def tables(self) -> Mapping[str, Sequence[Row[Figures]]]:
        return {"total": (self.total,), "colour": self.by_colour}


cells = st.lists(
    st.builds(
        Cell,
        st.sampled_from([*NOVEMBER.since_january()]),
        st.sampled_from(["red", "blue", "new", None]),
        st.integers(0, 9),
    ),
    max_size=12,
)
RED, BLUE = (Named(code, Text(code, code)) for code in ("red", "blue"))


def sheet(of: list[Cell]) -> Sheet:
    return Sheet(
        month=str(NOVEMBER),
        unit=None,
        version=1,
        issuer=Text("", ""),
        published_at=datetime(2026, 12, 6, tzinfo=UTC),
        as_of=NOVEMBER.last_day,
        known_at=date(2026, 12, 5),
        rule=None,
        rules_version="1",
        reason=None,
        total=total(of, NOVEMBER, Figures.of),
        by_colour=table(of, "colour", NOVEMBER, [RED, BLUE], Figures.of),
    )


@given(cells)
def test_a_table_adds_up_and_names_come_first(of: list[Cell]) -> None:
    made = sheet(of)
    for period in ("month", "year"):
        added = sum(getattr(row, period).many for row in made.by_colour)
        assert added == getattr(made.total, period).many
    codes = [row.code for row in made.by_colour]
    assert codes[:2] == ["red", "blue"]
    assert len(codes) == len(set(codes))


@given(cells, cells)
def test_changes_lead_from_the_former_version_to_the_next(before: list[Cell], after: list[Cell]) -> None:
    former = sheet(before)
    latter = following(former, 2, sheet(after), Figures(0))
    assert (latter.version, following(former, 2, former, Figures(0)).changes) == (2, [])
    moved = {(each.table, each.code, each.period): each for each in latter.changes}
    rows = [
        {(name, row.code): row for name, listed in each.tables().items() for row in listed} for each in (former, latter)
    ]
    for key in rows[0].keys() | rows[1].keys():
        for period in ("month", "year"):
            old, new = (getattr(each[key], period).many if key in each else 0 for each in rows)
            change = moved.get((*key, period))
            assert (change is None) == (old == new)
            assert change is None or (change.old, change.new) == (old, new)


def test_a_sheet_is_read_as_it_was_written() -> None:
    made = following(None, 3, sheet([Cell(NOVEMBER, "red", 2)]), Figures(0))
    written = msgspec.json.encode(made)
    assert msgspec.json.encode(msgspec.json.decode(written, type=Sheet)) == written
    assert list(msgspec.json.decode(written)) == [*domain.Sheet.__struct_fields__, "total", "by_colour", "changes"]


@given(st.text(max_size=40))
def test_no_header_breaks_the_choice_of_a_form(accept: str) -> None:
    assert asked_for(accept, "html") in MEDIA
