"""What a month's publication says of reports: by what they are counted, and with which figures."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, Self

import msgspec

from cchc_shared.calendar.months import Month
from cchc_shared.contract.provenance import Text
from cchc_shared.publications import domain
from cchc_shared.publications.domain import Change, Named, Row
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
NO_CATEGORY: Final = Named(None, Text("Chưa phân lĩnh vực", "No category yet"))


class Sheet(domain.Sheet, frozen=True, kw_only=True):
    """What is published of reports."""

    publication: str = "feedback"
    total: Row[Figures]
    by_channel: Sequence[Row[Figures]]
    by_kind: Sequence[Row[Figures]]
    by_category: Sequence[Row[Figures]]
    by_unit: Sequence[Row[Figures]]
    changes: Sequence[Change] = ()

    def tables(self) -> Mapping[str, Sequence[Row[Figures]]]:
        """All rows, table by table."""
        return {
            SheetTable.TOTAL: (self.total,),
            SheetTable.CHANNEL: self.by_channel,
            SheetTable.KIND: self.by_kind,
            SheetTable.CATEGORY: self.by_category,
            SheetTable.UNIT: self.by_unit,
        }
