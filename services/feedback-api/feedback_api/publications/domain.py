"""A month's figures as they are published: sheets, what they add up, and what a new version of them changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final, NamedTuple, Self

import msgspec

from cchc_shared.calendar.months import Month
from cchc_shared.contract.provenance import Text
from feedback_api.statistics.domain import Counts


class SheetTable(StrEnum):
    """A table of a sheet: all reports, or by one thing."""

    TOTAL = "total"
    CHANNEL = "channel"
    KIND = "kind"
    CATEGORY = "category"
    UNIT = "unit"


class Cell(NamedTuple):
    """Counts of the reports that share month of receipt, unit, channel, kind and category."""

    month: Month
    unit: str | None
    channel: str
    kind: str
    category: str | None
    counts: Counts


class Figures(msgspec.Struct, frozen=True):
    """The figures of one row, by the definitions and under the names of the statistics of reports."""

    received: int
    resolved: int
    on_time: int
    late: int
    overdue_open: int
    missed: int
    on_time_rate: float | None
    satisfied_rate: float | None
    reopened: int

    @classmethod
    def of(cls, cells: Iterable[Cell]) -> Self:
        """The sum of cells; rates are made of the sums."""
        all_counts = [cell.counts for cell in cells]
        counts = Counts(**{name: sum(getattr(each, name) for each in all_counts) for name in Counts.__slots__})
        return cls(**{name: getattr(counts, name) for name in cls.__struct_fields__})


NOTHING: Final = Figures.of(())


class Named(msgspec.Struct, frozen=True):
    """A code with its name on the day the sheet was made. The code is null for reports without a category."""

    code: str | None
    name: Text


class Row(msgspec.Struct, frozen=True):
    """Reports received in the month, and in the year up to its end."""

    code: str | None
    name: Text
    month: Figures
    year: Figures


class Change(msgspec.Struct, frozen=True):
    """A figure that the former version gave otherwise."""

    table: SheetTable
    code: str | None
    name: Text
    period: str
    figure: str
    old: int | float | None
    new: int | float | None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What is published: of the whole city (`unit` is null), or of one unit.

    Its JSON is kept for ever, and read by this type: a later field needs a default.
    """

    publication: str = "feedback"
    month: str
    unit: Named | None
    version: int
    issuer: Text
    published_at: datetime
    as_of: date
    known_at: date
    rule: str | None
    rules_version: str
    reason: str | None
    total: Row
    by_channel: Sequence[Row]
    by_kind: Sequence[Row]
    by_category: Sequence[Row]
    by_unit: Sequence[Row]
    changes: Sequence[Change] = ()

    def tables(self) -> Mapping[SheetTable, Sequence[Row]]:
        """All rows, table by table."""
        return {
            SheetTable.TOTAL: (self.total,),
            SheetTable.CHANNEL: self.by_channel,
            SheetTable.KIND: self.by_kind,
            SheetTable.CATEGORY: self.by_category,
            SheetTable.UNIT: self.by_unit,
        }


TOTAL: Final = Named(None, Text("Tổng số", "Total"))
NO_CATEGORY: Final = Named(None, Text("Chưa phân lĩnh vực", "No category yet"))


def total(cells: Sequence[Cell], month: Month) -> Row:
    """The row of all reports."""
    return _row(TOTAL, cells, month)


def table(cells: Iterable[Cell], by: SheetTable, month: Month, names: Iterable[Named]) -> list[Row]:
    """A row for each name, zeros too, and after them one for each code without a name."""
    found: defaultdict[str | None, list[Cell]] = defaultdict(list)
    for cell in cells:
        found[getattr(cell, by)].append(cell)
    rows = [_row(named, found.pop(named.code, []), month) for named in names]
    rest = sorted(found.items(), key=lambda item: item[0] or "")
    return rows + [_row(Named(code, Text(code or "", code or "")), of_code, month) for code, of_code in rest]


def _row(named: Named, cells: Sequence[Cell], month: Month) -> Row:
    in_month = (cell for cell in cells if cell.month == month)
    return Row(named.code, named.name, month=Figures.of(in_month), year=Figures.of(cells))


def changes(former: Sheet | None, sheet: Sheet) -> list[Change]:
    """What the sheet gives otherwise than its former version. A row that one of them lacks counts as zeros."""
    old = {} if former is None else _rows(former)
    new = _rows(sheet)
    return [
        Change(by, code, (new.get(key) or old[key]).name, period, figure, before, after)
        for key in dict.fromkeys((*new, *old))
        for by, code in (key,)
        for period in ("month", "year")
        for figure in Figures.__struct_fields__
        for before, after in ((_figure(old.get(key), period, figure), _figure(new.get(key), period, figure)),)
        if before != after
    ]


def _rows(sheet: Sheet) -> dict[tuple[SheetTable, str | None], Row]:
    return {(by, row.code): row for by, rows in sheet.tables().items() for row in rows}


def _figure(row: Row | None, period: str, figure: str) -> int | float | None:
    found: int | float | None = getattr(NOTHING if row is None else getattr(row, period), figure)
    return found
