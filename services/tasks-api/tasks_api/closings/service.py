"""Reporting months of tasks: closed by the worker, read by officials, corrected by the city's offices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final, NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.months import ClosingRule, Month, closing_rule, months_to_close
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.access import Principal
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, not_found
from cchc_shared.service.workflow import NOT_PERMITTED
from cchc_shared.storage.history import GRACE
from cchc_shared.storage.idempotency import Reply, once
from tasks_api.city import City
from tasks_api.closings import repository
from tasks_api.closings.domain import Sheet, Span, UnitRow, changed, total
from tasks_api.closings.problems import MONTH_NOT_CLOSED, MONTH_UNCHANGED
from tasks_api.closings.repository import Closed
from tasks_api.closings.rules import ClosingRules
from tasks_api.closings.schemas import (
    ClosedMonthOut,
    ClosedMonthsOut,
    MonthCorrectionIn,
    MonthCorrectionOut,
    MonthFigures,
    MonthSheet,
    MonthVersion,
    SheetQuery,
    UnitMonth,
)
from tasks_api.tasks.access import is_citys, reader
from tasks_api.units.service import Units

_OFFICE: Final = ["assigner"]


class Correction(NamedTuple):
    """Who closes a month anew and why; `key` and `digest` identify a repeated request."""

    body: MonthCorrectionIn
    caller: Principal
    key: str | None
    digest: bytes


@dataclass(frozen=True)
class Months:
    """Closed months. What was closed is never changed: everything else is a further version."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    city: City
    rules: ClosingRules
    units: Units

    async def close_due(self, conn: AsyncConnection) -> None:
        """Close the oldest month that is to be closed, if any, by what was known when it was; the caller commits."""
        last_whole_day = self.calendar.local_date(self.clock.now() - GRACE) - timedelta(days=1)
        month = next(months_to_close(self.rules.closing, await repository.months(conn), last_whole_day), None)
        if month is None:
            return
        await repository.lock(conn)
        rule = self._rule(month)
        if rule is not None and month not in await repository.months(conn):
            sheet = await self._sheet(conn, month, rule, self._closes_at(rule, month), 1, None)
            await repository.store(conn, sheet, Closed.of(sheet), None)

    async def months(self) -> ClosedMonthsOut:
        """All closed months with their versions, the newest first."""
        async with self.reading.connect() as conn:
            rows = await repository.versions(conn)
        return ClosedMonthsOut(
            items=[
                ClosedMonthOut(month=month, versions=[MonthVersion.model_validate(dict(row)) for row in of_month])
                for month, of_month in groupby(rows, key=lambda row: row["month"])
            ]
        )

    async def sheet(self, month: Month, wanted: SheetQuery, caller: Principal) -> MonthSheet:
        """The total, and the rows that the caller may see, by unit. Raises a 404 problem."""
        own = reader(caller)
        if own is not None and wanted.unit not in {None, own}:
            raise not_found("đơn vị này", "this unit")
        unit = wanted.unit if own is None else own
        after = decode_cursor(wanted.cursor, str)[0] if wanted.cursor else ""
        async with self.reading.connect() as conn:
            closed = await repository.find(conn, month, wanted.version)
            if closed is None and await repository.find(conn, month) is not None:
                raise not_found("bản này", "this version")
        if closed is None:
            raise self._not_closed(month)
        sheet = closed.sheet
        rows = [row for row in sheet.units if unit in {None, row.unit} and row.unit > after]
        shown = rows[: wanted.limit]
        about = msgspec.structs.asdict(sheet)
        del about["units"]
        return MonthSheet(
            **about | {"total": MonthFigures.of(sheet.total)},
            sha256=closed.sha256,
            items=[UnitMonth.row(row) for row in shown],
            next_cursor=encode_cursor(shown[-1].unit) if len(rows) > len(shown) else None,
        )

    async def correct(self, month: Month, wish: Correction) -> Reply:
        """Close the month anew by what is known by now, or for the first time where it does not close by itself.

        Raises 403, 404 and 409 problems.
        """
        if not is_citys(wish.caller, self.city):
            raise Problem(NOT_PERMITTED, extra={"by": _OFFICE})

        async def work(conn: AsyncConnection) -> Reply:
            await repository.lock(conn)
            newest = await repository.find(conn, month)
            former = newest.sheet if newest else None
            known = self.clock.now() - GRACE
            if former is None and (self._rule(month) or known < self.calendar.end_of_day(month.last_day)):
                raise self._not_closed(month)
            version = former.version + 1 if former else 1
            sheet = await self._sheet(conn, month, None, known, version, wish.body.reason)
            units = changed(former, sheet)
            if former and not units:
                raise Problem(MONTH_UNCHANGED)
            closed = Closed.of(sheet)
            await repository.store(conn, sheet, closed, wish.caller.sub)
            answer = {name: getattr(sheet, name) for name in ("month", "version", "known_at", "closed_at", "reason")}
            location = {"Location": f"/v1/progress/months/{month}?version={sheet.version}"}
            return reply(201, MonthCorrectionOut(**answer, sha256=closed.sha256, changed=units), location)

        return await once(self.engine, caller=wish.caller.sub, key=wish.key, digest=wish.digest, work=work)

    async def _sheet(
        self,
        conn: AsyncConnection,
        month: Month,
        rule: ClosingRule | None,
        known: datetime,
        version: int,
        reason: str | None,
    ) -> Sheet:
        """The month by what was known at an instant, following on the sheet of the month before."""
        before = await repository.find(conn, month.former)
        former = before and before.sheet
        carried_known = former.known_at if former else known
        span = Span(
            begin=self.calendar.end_of_day(month.former.last_day),
            carried_known=carried_known,
            end=self.calendar.end_of_day(month.last_day),
            # The month before may have been corrected before this one was closed: what it says is not said again.
            known=max(known, carried_known),
        )
        found = await repository.figures(conn, span, self.calendar.timezone.key)
        names: Mapping[str, str] = await self.units.names(conn, month.last_day)
        return Sheet(
            month=str(month),
            version=version,
            as_of=month.last_day,
            known_at=span.known,
            carried_from=former.version if former else None,
            carried_known_at=carried_known,
            closed_at=self.clock.now(),
            rule=rule.id if rule else None,
            rules_version=self.rules.version,
            reason=reason,
            total=total(found.values()),
            units=[UnitRow(unit, names.get(unit, unit), found[unit]) for unit in sorted(found)],
        )

    def _rule(self, month: Month) -> ClosingRule | None:
        return closing_rule(self.rules.closing, month)

    def _closes_at(self, rule: ClosingRule, month: Month) -> datetime:
        return self.calendar.end_of_day(rule.closing_day(month))

    def _not_closed(self, month: Month) -> Problem:
        rule = self._rule(month)
        if rule is None:
            return Problem(MONTH_NOT_CLOSED)
        closes_at, day = self._closes_at(rule, month), rule.closing_day(month)
        if closes_at + GRACE <= self.clock.now():
            vi, en = f"Tháng {month} đang được chốt.", f"The month {month} is being closed."
        else:
            vi = f"Tháng {month} chưa chốt: sẽ chốt khi hết ngày {day:%d/%m/%Y}."
            en = f"The month {month} is not closed yet: it closes at the end of {day}."
        return Problem(MONTH_NOT_CLOSED, vi=vi, en=en, extra={"closes_at": closes_at.isoformat()})
