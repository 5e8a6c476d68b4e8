"""Reports counted for a month, and the sheets that are made of the counts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.months import ClosingRule, Month
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.provenance import Text
from cchc_shared.publications.domain import Named, Row, table, total
from cchc_shared.publications.publishing import Counted, Issue
from feedback_api.publications import repository
from feedback_api.publications.domain import NO_CATEGORY, NOTHING, Cell, Figures, Sheet, SheetTable
from feedback_api.publications.rules import PublicationRules


@dataclass(frozen=True, slots=True)
class Reports:
    """The city is counted by what senders were promised, units by the time that they had themselves."""

    calendar: WorkingCalendar
    rules: PublicationRules
    kind: type[Sheet] = Sheet
    nothing: Figures = NOTHING

    @property
    def closing(self) -> Sequence[ClosingRule]:
        """When months close."""
        return self.rules.publications.closing

    async def count(self, conn: AsyncConnection, month: Month, known: datetime) -> Counted[Cell]:
        """Reports received in the year up to the month's end, as they stood then, by what was known by `known`."""
        promised = await repository.cells(conn, month, known, self.calendar, by_unit=False)
        held: defaultdict[str, list[Cell]] = defaultdict(list)
        for cell in await repository.cells(conn, month, known, self.calendar, by_unit=True):
            held[cell.unit or ""].append(cell)
        return Counted(promised, held)

    def city(self, issue: Issue, cells: Sequence[Cell], of_units: Sequence[Cell], units: Sequence[Named]) -> Sheet:
        """The sheet of all reports."""
        by_unit = self._table(issue, of_units, SheetTable.UNIT, units)
        return replace(self._sheet(issue, None, cells), by_unit=by_unit)

    def unit(self, issue: Issue, unit: Named, cells: Sequence[Cell]) -> Sheet:
        """The sheet of a unit."""
        return self._sheet(issue, unit, cells)

    def _sheet(self, issue: Issue, unit: Named | None, cells: Sequence[Cell]) -> Sheet:
        words = self.rules.publications
        return Sheet(
            **issue.head(),
            unit=unit,
            issuer=words.issuer,
            rules_version=self.rules.version,
            total=total(cells, issue.month, Figures.of),
            by_channel=self._table(issue, cells, SheetTable.CHANNEL, _names(words.channels.items())),
            by_kind=self._table(issue, cells, SheetTable.KIND, _names(words.kinds.items())),
            by_category=self._table(
                issue, cells, SheetTable.CATEGORY, [*_names(self.rules.categories.names.items()), NO_CATEGORY]
            ),
            by_unit=(),
        )

    def _table(
        self, issue: Issue, cells: Sequence[Cell], by: SheetTable, names: Iterable[Named]
    ) -> Sequence[Row[Figures]]:
        return table(cells, by, issue.month, names, Figures.of)


def _names(words: Iterable[tuple[str, Text]]) -> list[Named]:
    return [Named(code, name) for code, name in words]
