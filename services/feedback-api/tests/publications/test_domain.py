"""Sums and changes, whatever the figures are."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from cchc_shared.calendar.months import Month
from cchc_shared.contract.provenance import Text
from cchc_shared.publications.domain import Named, changes, table, total
from feedback_api.publications.domain import NO_CATEGORY, NOTHING, Cell, Figures, Sheet, SheetTable
from feedback_api.statistics.domain import Counts

NOVEMBER = Month(2026, 11)
CODES = ("zalo", "email", "web")
counts = st.builds(Counts, *(st.integers(0, 50) for _ in Counts.__slots__))
cells = st.lists(
    st.builds(
        Cell,
        st.sampled_from([*NOVEMBER.since_january()]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(CODES),
        st.sampled_from(["conduct"]),
        st.sampled_from(["trees", "new", None]),
        counts,
    ),
    max_size=12,
)


def named(*codes: str) -> list[Named]:
    return [Named(code, Text(code, code)) for code in codes]


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
        by_channel=table(of, SheetTable.CHANNEL, NOVEMBER, named(*CODES), Figures.of),
        by_kind=(),
        by_category=table(of, SheetTable.CATEGORY, NOVEMBER, [*named("trees"), NO_CATEGORY], Figures.of),
        by_unit=table(of, SheetTable.UNIT, NOVEMBER, (), Figures.of),
    )


@given(cells)
def test_every_table_adds_up_to_the_total(of: list[Cell]) -> None:
    tables = sheet(of).tables()
    (everything,) = tables[SheetTable.TOTAL]
    for by in (SheetTable.CHANNEL, SheetTable.CATEGORY, SheetTable.UNIT):
        for name in ("received", "resolved", "on_time", "late", "overdue_open", "missed", "reopened"):
            for period in ("month", "year"):
                added = sum(getattr(getattr(row, period), name) for row in tables[by])
                assert added == getattr(getattr(everything, period), name)
    assert len({row.code for row in tables[SheetTable.CATEGORY]}) == len(tables[SheetTable.CATEGORY])
    assert [row.code for row in tables[SheetTable.CHANNEL]] == [*CODES]


@given(cells, cells)
def test_the_changes_lead_from_the_former_figures_to_the_new(before: list[Cell], after: list[Cell]) -> None:
    former, latter = sheet(before), sheet(after)
    assert changes(latter, latter, NOTHING) == []
    moved = {(each.table, each.code, each.period, each.figure): each for each in changes(former, latter, NOTHING)}
    old = {(by, row.code): row for by, rows in former.tables().items() for row in rows}
    new = {(by, row.code): row for by, rows in latter.tables().items() for row in rows}
    for by, code in old.keys() | new.keys():
        for period in ("month", "year"):
            for figure in Figures.__struct_fields__:
                was, becomes = (
                    getattr(getattr(rows[by, code], period) if (by, code) in rows else NOTHING, figure)
                    for rows in (old, new)
                )
                change = moved.get((by, code, period, figure))
                assert (change is None) == (was == becomes)
                assert change is None or (change.old, change.new) == (was, becomes)
