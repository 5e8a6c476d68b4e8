"""Takes progress rows into steps, and steps along when their dossier changes, within the caller's transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from functools import partial
from typing import NamedTuple

import msgspec
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.events import Event, new_event
from cchc_shared.http.access import Principal
from cchc_shared.stream import outbox
from dossiers_api.dossiers import repository as dossiers
from dossiers_api.dossiers.domain import Delivery, Dossier, waits
from dossiers_api.procedures import repository as procedures
from dossiers_api.procedures.domain import Process, counts_from, process_on
from dossiers_api.procedures.rules import ProcedureRules
from dossiers_api.steps import repository
from dossiers_api.steps.domain import Course, Key, Laid, Row, Step, code_of, news, steps


class RowVerdict(StrEnum):
    """What becomes of a progress row."""

    NEW = "new"
    REPEATED = "repeated"
    DIFFERENT = "different"
    UNKNOWN = "unknown"
    FOREIGN = "foreign"


class SaidRow(NamedTuple):
    """A row and the code of the dossier that it speaks of."""

    code: str
    row: Row


@dataclass(frozen=True, slots=True)
class Store:
    """Steps follow from rows, from the dossier and from the process inside."""

    calendar: WorkingCalendar
    rules: ProcedureRules

    async def take(
        self, conn: AsyncConnection, said: Sequence[SaidRow], *, sent_by: Principal, now: datetime
    ) -> list[RowVerdict]:
        """The verdict on each row, in their order; what is new is kept and takes effect."""
        found = await dossiers.lock(conn, {code for code, _ in said})
        known = {
            code: {(row.key, row.at): row for row in rows}
            for code, rows in (await repository.rows_of(conn, found.keys())).items()
        }
        verdicts: list[RowVerdict] = []
        new: list[SaidRow] = []
        for each in said:
            verdict = _weigh(each, found.get(each.code), known.setdefault(each.code, {}), sent_by)
            verdicts.append(verdict)
            if verdict is RowVerdict.NEW:
                new.append(each)
        await repository.keep(conn, new, sent_by.sub, now)
        changed = {code for code, _ in new}
        rows = {code: list(known[code].values()) for code in changed}
        await self._follow(conn, {code: found[code] for code in changed}, rows, now)
        return verdicts

    async def refresh(self, conn: AsyncConnection, codes: Collection[str], now: datetime) -> None:
        """The steps of those of these dossiers that have any, as the dossiers now are; the dossiers are locked."""
        rows = await repository.rows_of(conn, codes)
        if rows:
            await self._follow(conn, await dossiers.lock(conn, rows.keys()), rows, now)

    async def _follow(
        self, conn: AsyncConnection, of: Mapping[str, Dossier], rows: Mapping[str, Sequence[Row]], now: datetime
    ) -> None:
        known = await repository.steps_of(conn, of.keys())
        said = await dossiers.said_of(conn, of.keys())
        laid = await procedures.processes_of(conn, {each.facts.procedure for each in of.values()})
        changed: list[tuple[str, Step]] = []
        events: list[Event] = []
        for code, dossier in of.items():
            course = _course(dossier, said[code])
            process = self._process(dossier, laid.get(dossier.facts.procedure, ()))
            before = known.get(code, [])
            after = steps(rows[code], before, course, partial(self._laid, process))
            own, found = news(course, {step.key: step for step in before}, after)
            changed += [(code, step) for step in own]
            events += [
                new_event(
                    data, subject=code_of(code, step.number), version=step.version, occurred_at=now, recorded_at=now
                )
                for step, data in zip(own, found, strict=True)
            ]
        await repository.save(conn, changed)
        await outbox.write(conn, events)

    def _process(self, dossier: Dossier, processes: Sequence[Process]) -> Process | None:
        received = dossier.facts.received_at or dossier.facts.at
        return process_on(processes, self.calendar.local_date(received))

    def _laid(self, process: Process | None, place: int, started_at: datetime) -> Laid:
        if process is None or place >= len(process.steps):
            return Laid()
        step = process.steps[place]
        if not self.calendar.covers(started_at):
            return Laid(step.unit)
        start = counts_from(started_at, self._cut_off, self.calendar)
        return Laid(step.unit, self.calendar.add_working_hours(start, step.working_hours))

    @property
    def _cut_off(self) -> time:
        return self.rules.cut_off.value


def _weigh(
    said: SaidRow, dossier: Dossier | None, known: dict[tuple[Key, datetime], Row], sent_by: Principal
) -> RowVerdict:
    if dossier is None:
        return RowVerdict.UNKNOWN
    if not sent_by.may_speak_of(dossier.facts.unit):
        return RowVerdict.FOREIGN
    key = (said.row.key, said.row.at)
    if key not in known:
        known[key] = said.row
        return RowVerdict.NEW
    # Which unit has that name is not its sender's to say: the directory may have learned of one meanwhile.
    same = msgspec.structs.replace(said.row, unit=known[key].unit) == known[key]
    return RowVerdict.REPEATED if same else RowVerdict.DIFFERENT


def _course(dossier: Dossier, said: Sequence[Delivery]) -> Course:
    facts = dossier.facts
    return Course(dossier.code, facts.procedure, facts.unit, facts.ended_at, waits(said, facts.received_at))
