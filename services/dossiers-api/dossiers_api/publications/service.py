"""Dossiers counted for a month, and the sheets that are made of the counts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.months import ClosingRule, Month
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.publications.domain import Named, Row, table, total
from cchc_shared.publications.publishing import Counted, Issue
from dossiers_api.dossiers.domain import Facts
from dossiers_api.publications import repository
from dossiers_api.publications.domain import (
    NOTHING,
    Cell,
    DossierTable,
    Figures,
    Group,
    Sheet,
    cell,
    fields,
    outcome,
    stood,
    without_rare,
)
from dossiers_api.publications.repository import Span
from dossiers_api.publications.rules import PublicationRules


@dataclass(frozen=True, slots=True)
class Dossiers:
    """The city and its units are counted alike: each dossier has one due time."""

    calendar: WorkingCalendar
    rules: PublicationRules
    requests_in_time: int
    kind: type[Sheet] = Sheet
    nothing: Figures = NOTHING

    @property
    def closing(self) -> Sequence[ClosingRule]:
        """When months close."""
        return self.rules.closing

    async def count(self, conn: AsyncConnection, month: Month, known: datetime) -> Counted[Cell]:
        """Dossiers received in the year up to the month's end, as they stood then, by what was known before `known`.

        Most stand now as they stood then, and the database counts them; the others are made anew of what was known.
        """
        january = Month(month.year, 1).first_day
        span = Span(
            self.calendar.end_of_day(january - timedelta(days=1)), self.calendar.end_of_day(month.last_day), known
        )
        cells, others = await repository.counted(conn, span, self.calendar.timezone.key)
        cells += await self._made_anew(conn, others, span)
        names = await repository.field_names(conn)
        cells = [each._replace(field_name=names.get(each.field or "")) for each in cells]
        units: defaultdict[str, list[Cell]] = defaultdict(list)
        for each in cells:
            units[each.unit].append(each)
        return Counted(cells, units)

    def city(self, issue: Issue, cells: Sequence[Cell], of_units: Sequence[Cell], units: Sequence[Named]) -> Sheet:
        """The sheet of all dossiers, which alone counts by field."""
        fewest = self.rules.fewest_of_a_field.value
        named = without_rare(cells, fewest)
        by_field = self._table(issue, named, DossierTable.FIELD, fields(named, fewest))
        by_unit = self._table(issue, of_units, DossierTable.UNIT, units)
        return replace(self.unit(issue, None, cells), by_field=by_field, by_unit=by_unit)

    def unit(self, issue: Issue, unit: Named | None, cells: Sequence[Cell]) -> Sheet:
        """The sheet of a unit. What was applied for does not stand on it: where few apply, it would tell of them."""
        channels = [Named(code, name) for code, name in self.rules.channels.items()]
        return Sheet(
            **issue.head(),
            unit=unit,
            issuer=self.rules.issuer,
            rules_version=self.rules.version,
            total=total(cells, issue.month, Figures.of),
            by_channel=self._table(issue, cells, DossierTable.CHANNEL, channels),
            by_field=(),
            by_unit=(),
        )

    def _table(
        self, issue: Issue, cells: Sequence[Cell], by: DossierTable, names: Iterable[Named]
    ) -> Sequence[Row[Figures]]:
        return table(cells, by, issue.month, names, Figures.of)

    async def _made_anew(self, conn: AsyncConnection, codes: Sequence[str], span: Span) -> list[Cell]:
        groups: defaultdict[Group, list[Facts]] = defaultdict(list)
        async for known in repository.known_of(conn, codes, span.known):
            for said in known.values():
                facts = stood(said, self.requests_in_time, span.until)
                if facts is not None and facts.received_at is not None and facts.received_at >= span.since:
                    day = self.calendar.local_date(facts.received_at)
                    groups[Group(Month(day.year, day.month), facts.unit, facts.channel, facts.field)].append(facts)
        return [
            cell(group, ((outcome(each, span.until), each.ended_at is not None) for each in its))
            for group, its in groups.items()
        ]
