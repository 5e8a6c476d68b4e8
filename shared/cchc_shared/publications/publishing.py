"""Making a version of a month: counted, written as JSON, hashed, and stored with the sheets of all units."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.months import ClosingRule, Month, closing_rule, months_to_close
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.provenance import Text
from cchc_shared.directory import repository as directory
from cchc_shared.directory.domain import Units
from cchc_shared.publications import repository
from cchc_shared.publications.domain import C, Named, S, Sheet, following
from cchc_shared.publications.repository import CITY, Made, Published
from cchc_shared.storage.history import GRACE


class Occasion(NamedTuple):
    """Why a version is made: a rule by which the month closes, or a reason and the token's subject of who gave it."""

    rule: str | None
    reason: str | None
    actor: str | None


class Issue(NamedTuple):
    """What the sheets of one version have in common: all that stands before their tables, but for whose they are."""

    month: Month
    published_at: datetime
    known_at: date
    why: Occasion

    def head(self) -> dict[str, Any]:
        """By the names of the fields of a sheet."""
        return {
            "month": str(self.month),
            "version": 1,
            "published_at": self.published_at,
            "as_of": self.month.last_day,
            "known_at": self.known_at,
            "rule": self.why.rule,
            "reason": self.why.reason,
        }


class Counted(NamedTuple, Generic[C]):
    """What a month's sheets are made of: the cells of the city's sheet, and those of each unit's."""

    city: Sequence[C]
    units: Mapping[str, Sequence[C]]


S_co = TypeVar("S_co", bound=Sheet, covariant=True)


class Counting(Protocol[C, S_co]):
    """What a service counts, and the sheets that it makes of it."""

    @property
    def kind(self) -> type[S_co]:
        """The type of its sheets."""

    @property
    def nothing(self) -> msgspec.Struct:
        """The figures of a row that a sheet lacks."""

    @property
    def closing(self) -> Sequence[ClosingRule]:
        """When its months close."""

    async def count(self, conn: AsyncConnection, month: Month, known: datetime) -> Counted[C]:
        """What was received in the year up to the month's end, as it stood then, by what was known before `known`."""

    def city(self, issue: Issue, cells: Sequence[C], of_units: Sequence[C], units: Sequence[Named]) -> S_co:
        """The first version of the city's sheet; the cells of all units and their names are for its table by unit."""

    def unit(self, issue: Issue, unit: Named, cells: Sequence[C]) -> S_co:
        """The first version of a unit's sheet."""


@dataclass(frozen=True, slots=True)
class Publishing(Generic[C, S]):
    """Versions of months. The caller commits."""

    clock: Clock
    calendar: WorkingCalendar
    counting: Counting[C, S]

    async def close_due(self, conn: AsyncConnection) -> None:
        """Publish the oldest month whose closing day is over, if any: as of that day, however late it is noticed."""
        published = await repository.published_months(conn)
        month = next(months_to_close(self.counting.closing, published, self.last_known_day()), None)
        if month is None:
            return
        await repository.lock(conn)
        rule = self.closing_of(month)
        if rule is not None and month not in await repository.published_months(conn):
            await self._publish(conn, month, rule.closing_day(month), Occasion(rule.id, None, None), {})

    async def correct(self, conn: AsyncConnection, month: Month, reason: str, actor: str) -> S | None:
        """Publish the next version, by what was known at the end of the last whole day; the city's sheet.

        None, and nothing is published, if no figure has changed since the former version.
        """
        await repository.lock(conn)
        former = await repository.newest(conn, month, self.counting.kind)
        return await self._publish(conn, month, self.last_known_day(), Occasion(None, reason, actor), former)

    def closing_of(self, month: Month) -> ClosingRule | None:
        """The rule by which a month closes by itself, if there is one."""
        return closing_rule(self.counting.closing, month)

    def last_known_day(self) -> date:
        """The last day of which nothing can become known any more."""
        return self.calendar.local_date(self.clock.now() - GRACE) - timedelta(days=1)

    async def _publish(
        self, conn: AsyncConnection, month: Month, known_at: date, why: Occasion, former: Mapping[str, S]
    ) -> S | None:
        made = await self._sheets(conn, Issue(month, self.clock.now(), known_at, why), former)
        if former and not any(sheet.changes for sheet in made):
            return None
        how = Made(made[0].published_at, known_at, why.reason, why.actor)
        await repository.publish(conn, [(sheet, _written(sheet)) for sheet in made], how)
        return made[0]

    async def _sheets(self, conn: AsyncConnection, issue: Issue, former: Mapping[str, S]) -> Sequence[S]:
        """The sheet of the city, and those of all units that exist at the month's end or have figures."""
        month = issue.month
        units = await directory.every(conn)
        counted = await self.counting.count(conn, month, self.calendar.end_of_day(issue.known_at))
        with_figures = [_named(units, code, month) for code in sorted(counted.units)]
        of_units = list(chain.from_iterable(counted.units.values()))
        living = {unit.code for unit in units.living(month.last_day)}
        codes = sorted(living | counted.units.keys() | former.keys() - {CITY})
        made = {CITY: self.counting.city(issue, counted.city, of_units, with_figures)}
        for code in codes:
            made[code] = self.counting.unit(issue, _named(units, code, month), counted.units.get(code, ()))
        if not former:
            return list(made.values())
        version = former[CITY].version + 1
        return [following(former.get(code), version, sheet, self.counting.nothing) for code, sheet in made.items()]


def _named(units: Units, code: str, month: Month) -> Named:
    unit = units.at(code, month.last_day)
    name = unit.name if unit is not None and unit.name else code
    return Named(code, Text(name, name))


def _written(sheet: msgspec.Struct) -> Published:
    document = msgspec.json.encode(sheet)
    return Published(document.decode(), hashlib.sha256(document).hexdigest())
