"""Making a version of a month: counted, written as JSON, hashed, and stored with the sheets of all units."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import NamedTuple

import msgspec
from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.months import ClosingRule, Month, closing_rule, months_to_close
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.provenance import Text
from cchc_shared.directory import repository as directory
from cchc_shared.directory.domain import Units
from cchc_shared.storage.history import GRACE
from feedback_api.publications import domain, repository
from feedback_api.publications.domain import Cell, Named, Sheet, SheetTable
from feedback_api.publications.repository import CITY, Made, Published
from feedback_api.publications.rules import PublicationRules


class Occasion(NamedTuple):
    """Why a version is made: a rule by which the month closes, or a reason and the token's subject of who gave it."""

    rule: str | None
    reason: str | None
    actor: str | None


@dataclass(frozen=True, slots=True)
class Publishing:
    """Versions of months. The caller commits."""

    clock: Clock
    calendar: WorkingCalendar
    rules: PublicationRules

    async def close_due(self, conn: AsyncConnection) -> None:
        """Publish the oldest month whose closing day is over, if any: as of that day, however late it is noticed."""
        published = await repository.published_months(conn)
        month = next(months_to_close(self.rules.publications.closing, published, self.last_known_day()), None)
        if month is None:
            return
        await repository.lock(conn)
        rule = self.closing_of(month)
        if rule is not None and month not in await repository.published_months(conn):
            await self._publish(conn, month, rule.closing_day(month), Occasion(rule.id, None, None), {})

    async def correct(self, conn: AsyncConnection, month: Month, reason: str, actor: str) -> Sheet | None:
        """Publish the next version, by what was known at the end of the last whole day; the city's sheet.

        None, and nothing is published, if no figure has changed since the former version.
        """
        await repository.lock(conn)
        former = await repository.newest(conn, month)
        return await self._publish(conn, month, self.last_known_day(), Occasion(None, reason, actor), former)

    def closing_of(self, month: Month) -> ClosingRule | None:
        """The rule by which a month closes by itself, if there is one."""
        return closing_rule(self.rules.publications.closing, month)

    def last_known_day(self) -> date:
        """The last day of which nothing can become known any more."""
        return self.calendar.local_date(self.clock.now() - GRACE) - timedelta(days=1)

    async def _publish(
        self, conn: AsyncConnection, month: Month, known_at: date, why: Occasion, former: dict[str, Sheet]
    ) -> Sheet | None:
        made = await self._sheets(conn, month, known_at, why, former)
        if former and not any(sheet.changes for sheet in made):
            return None
        how = Made(made[0].published_at, known_at, why.reason, why.actor)
        await repository.publish(conn, [(sheet, _written(sheet)) for sheet in made], how)
        return made[0]

    async def _sheets(
        self, conn: AsyncConnection, month: Month, known_at: date, why: Occasion, former: dict[str, Sheet]
    ) -> Sequence[Sheet]:
        """The sheet of the city, and those of all units that exist at the month's end or have figures."""
        known = self.calendar.end_of_day(known_at)
        units = await directory.every(conn)
        promised = await repository.cells(conn, month, known, self.calendar, by_unit=False)
        held: defaultdict[str, list[Cell]] = defaultdict(list)
        for cell in await repository.cells(conn, month, known, self.calendar, by_unit=True):
            held[cell.unit or ""].append(cell)
        counted = [_named(units, code, month) for code in sorted(held)]
        city = self._sheet(month, known_at, why, None, promised)
        city = replace(city, by_unit=domain.table(chain.from_iterable(held.values()), SheetTable.UNIT, month, counted))
        living = {unit.code for unit in units.living(month.last_day)}
        of_units = (
            self._sheet(month, known_at, why, _named(units, code, month), held[code])
            for code in sorted(living | held.keys() | former.keys() - {CITY})
        )
        return [_following(former, sheet) for sheet in (city, *of_units)]

    def _sheet(self, month: Month, known_at: date, why: Occasion, unit: Named | None, cells: list[Cell]) -> Sheet:
        names = self.rules.publications
        categories = [Named(code, name) for code, name in self.rules.categories.names.items()]
        return Sheet(
            month=str(month),
            unit=unit,
            version=1,
            issuer=names.issuer,
            published_at=self.clock.now(),
            as_of=month.last_day,
            known_at=known_at,
            rule=why.rule,
            rules_version=self.rules.version,
            reason=why.reason,
            total=domain.total(cells, month),
            by_channel=domain.table(
                cells, SheetTable.CHANNEL, month, (Named(*each) for each in names.channels.items())
            ),
            by_kind=domain.table(cells, SheetTable.KIND, month, (Named(*each) for each in names.kinds.items())),
            by_category=domain.table(cells, SheetTable.CATEGORY, month, [*categories, domain.NO_CATEGORY]),
            by_unit=(),
        )


def _following(former: dict[str, Sheet], sheet: Sheet) -> Sheet:
    """The sheet as the next version, with what it changes; the first has no changes."""
    if not former:
        return sheet
    before = former.get(CITY if sheet.unit is None else sheet.unit.code or "")
    return replace(sheet, version=former[CITY].version + 1, changes=domain.changes(before, sheet))


def _named(units: Units, code: str, month: Month) -> Named:
    unit = units.at(code, month.last_day)
    name = unit.name if unit is not None and unit.name else code
    return Named(code, Text(name, name))


def _written(sheet: Sheet) -> Published:
    document = msgspec.json.encode(sheet)
    return Published(document.decode(), hashlib.sha256(document).hexdigest())
