"""The use cases of the catalogue: a decision is recorded whole, disclosures follow, and anybody reads."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import ProcedureChange
from cchc_shared.contract.events import Event, new_event
from cchc_shared.contract.events.procedure import ProcedureAnnounced, ProcedureDisclosed
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.directory.service import FRESH, Directory
from cchc_shared.http.access import Principal
from cchc_shared.http.field_errors import FieldError
from cchc_shared.http.idempotency import Asked, reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import Problem, invalid, not_found, out_of_scope
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from dossiers_api.procedures import repository, views
from dossiers_api.procedures.domain import (
    Entry,
    Process,
    Step,
    allowed_until,
    announced_late,
    disclosed,
    disclosed_late,
    next_number,
    on,
    state,
    wrong_entries,
    wrong_processes,
)
from dossiers_api.procedures.problems import DECISION_EXISTS
from dossiers_api.procedures.rules import ProcedureRules
from dossiers_api.procedures.schemas import (
    AbolishedIn,
    DecisionIn,
    DecisionOut,
    DecisionPage,
    DisclosureIn,
    ProcedureOut,
    ProcedurePage,
    ProcedureQuery,
    ProcedureStanding,
    ProcedureStatistics,
    ProcedureStatisticsQuery,
    PublishedIn,
)

_CHANGES = {
    ProcedureStanding.IN_FORCE: ProcedureChange.PUBLISHED,
    ProcedureStanding.ABOLISHED: ProcedureChange.ABOLISHED,
}


@dataclass(frozen=True, slots=True)
class Procedures:
    """Decisions are facts: what one says is never changed, only followed by another."""

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    directory: Directory
    rules: ProcedureRules

    async def record(self, given: DecisionIn, asked: Asked) -> Reply:
        """Everything that the decision says, or nothing. Raises 422 for each field that is wrong, and 409."""
        await self._check(given)
        now = self.clock.now()

        async def work(conn: AsyncConnection) -> Reply:
            await repository.one_at_a_time(conn)
            own = {"issued_on": given.issued_on, "unit": given.unit}
            if not await repository.add(conn, given.number, **own, recorded_at=now, recorded_by=asked.caller.sub):
                raise Problem(DECISION_EXISTS)
            entries, processes = await self._said(conn, given, asked.caller)
            await repository.add_entries(conn, entries, processes)
            await outbox.write(conn, [self._announced(each, now) for each in entries])
            published = len(given.publishes)
            shown = DecisionOut(
                number=given.number, issued_on=given.issued_on, unit=given.unit, recorded_at=now, published=published,
                abolished=len(entries) - published, processes=len(processes),
            )  # fmt: skip
            return reply(201, shown)

        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)

    async def decisions(self, number: str | None, cursor: str | None, limit: int) -> DecisionPage:
        """Decisions, the newest first."""
        async with self.reading.connect() as conn:
            found = await repository.decisions(conn, number, _place(cursor), limit + 1)
        items = [DecisionOut.model_validate(each) for each in found[:limit]]
        more = len(found) > limit
        last = encode_cursor(items[-1].issued_on.isoformat(), items[-1].number) if more else None
        return DecisionPage(items=items, next_cursor=last)

    async def page(self, query: ProcedureQuery, cursor: str | None, limit: int) -> ProcedurePage:
        """What holds of procedures on a day, by their codes."""
        after = None if cursor is None else decode_cursor(cursor, str)[0]
        wanted = {name: getattr(query, name) for name in ("unit", "field", "level")}
        async with self.reading.connect() as conn:
            day, change = query.on or self._today(), _CHANGES[query.standing]
            found = await repository.page(conn, day, change, wanted, after, limit + 1)
        items = [views.entry(each, self.rules, self.calendar) for each in found[:limit]]
        return ProcedurePage(
            items=items, next_cursor=encode_cursor(items[-1].procedure) if len(found) > limit else None
        )

    async def get(self, code: str, day: date | None) -> ProcedureOut:
        """A procedure on a day. Raises 404 for one of which no decision speaks."""
        async with self.reading.connect() as conn:
            entries = (await repository.entries_of(conn, [code])).get(code)
            processes = (await repository.processes_of(conn, [code])).get(code, ())
        if not entries:
            raise _none()
        return views.procedure(code, day or self._today(), entries, processes, self.rules, self.calendar)

    async def disclose(self, code: str, given: DisclosureIn, asked: Asked) -> Reply:
        """Since when it is to be read. Raises 404, and 422 for what cannot have been yet."""
        now, at = self.clock.now(), given.at.astimezone(UTC)
        if at > now:
            raise RuleBroken("at", "là thời điểm chưa đến", "is a time that has not come yet")

        async def work(conn: AsyncConnection) -> Reply:
            before = await repository.lock_newest(conn, code, given.effective_on)
            if before is None:
                raise _none()
            if not asked.caller.may_speak_of(before.unit):
                raise out_of_scope(field="unit")
            after = disclosed(before, at, complete=given.complete)
            if after != before:
                await repository.save(conn, after)
                await outbox.write(conn, [self._disclosed(after, now)])
            return reply(200, views.entry(after, self.rules, self.calendar))

        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)

    async def count(self, query: ProcedureStatisticsQuery) -> ProcedureStatistics:
        """What decisions of these days said, and what is in force on the last of them."""
        last = query.last_day or self._today()
        if query.first_day is not None and last < query.first_day:
            raise invalid([FieldError("query.to", "trước ngày bắt đầu", "is before the first day")])
        wanted = {"unit": query.unit, "field": query.field}
        async with self.reading.connect() as conn:
            said = await repository.said_between(conn, query.first_day, last, wanted)
            in_force, with_process = await repository.standing(conn, last, wanted)
        now = self.clock.now()
        published = sum(each.change is ProcedureChange.PUBLISHED for each in said)
        return ProcedureStatistics(
            on=last,
            published=published,
            abolished=len(said) - published,
            announced_late=sum(announced_late(each, self.rules, self.calendar) for each in said),
            disclosed_late=sum(disclosed_late(each, self.rules, self.calendar, now) for each in said),
            in_force=in_force,
            with_process=with_process,
        )

    async def allowances(
        self, conn: AsyncConnection, received: Collection[tuple[str, datetime]]
    ) -> Mapping[tuple[str, datetime], datetime]:
        """Until when dossiers of these procedures, received then, are to be handled, where a procedure lays it down."""
        entries = await repository.entries_of(conn, {code for code, _ in received})
        cut_off, calendar = self.rules.cut_off.value, self.calendar
        found = {
            (code, at): allowed_until(on(entries.get(code, ()), calendar.local_date(at)), at, cut_off, calendar)
            for code, at in received
        }
        return {key: until for key, until in found.items() if until is not None}

    async def _check(self, given: DecisionIn) -> None:
        """Raise a problem that names every unit that is none on the day of the decision, and a day to come."""
        if given.issued_on > self._today():
            raise RuleBroken("issued_on", "là ngày chưa đến", "is a day that has not come yet")
        if given.issued_on < (since := self.rules.decisions_since.value):
            raise RuleBroken("issued_on", f"phải từ ngày {since:%d/%m/%Y}", f"must not be before {since}")
        named = {"unit": given.unit} | {
            f"processes.{place}.steps.{number}.unit": step.unit
            for place, process in enumerate(given.processes)
            for number, step in enumerate(process.steps)
            if step.unit is not None
        }
        if self._strangers(named, given.issued_on):  # perhaps only not known yet
            await self.directory.refresh(FRESH)
        vi, en = "không phải đơn vị nào vào ngày của quyết định", "is no unit on the day of the decision"
        if strangers := self._strangers(named, given.issued_on):
            raise invalid([FieldError(f"body.{path}", vi, en) for path in strangers])

    def _strangers(self, named: Mapping[str, str], day: date) -> list[str]:
        return [path for path, code in named.items() if not self.directory.units.exists(code, day)]

    async def _said(
        self, conn: AsyncConnection, given: DecisionIn, caller: Principal
    ) -> tuple[list[Entry], list[Process]]:
        """Its entries and processes, with their numbers. Raises a problem that names all that is wrong, and 403 where
        it speaks of what is of units that the caller may not speak of."""
        codes = {each.procedure for each in given.publishes} | {each.procedure for each in given.abolishes}
        codes |= {each.procedure for each in given.processes}
        known = dict(await repository.entries_of(conn, codes))
        concerned = {given.unit} | {each.unit for said in known.values() for each in said}
        if not all(caller.may_speak_of(unit) for unit in concerned):
            raise out_of_scope(field="unit")
        worked = await repository.processes_of(conn, codes)
        entries = _entries(given, known)
        wrong = list(wrong_entries(entries, known, self.rules))
        for _, each in entries:
            known[each.procedure] = [*known.get(each.procedure, ()), each]
        processes = _processes(given, worked)
        wrong += wrong_processes(processes, known, self.calendar.hours_of_day)
        if wrong:
            raise invalid([FieldError(f"body.{one.field}", one.message.vi, one.message.en) for one in wrong])
        return [each for _, each in entries], [each for _, each in processes]

    def _announced(self, entry: Entry, now: datetime) -> Event:
        data = ProcedureAnnounced(**state(entry, self.rules, self.calendar))
        at = data.announced_at
        return new_event(data, subject=entry.code, version=entry.version, occurred_at=at, recorded_at=now)

    def _disclosed(self, entry: Entry, now: datetime) -> Event:
        data = ProcedureDisclosed(**state(entry, self.rules, self.calendar))
        return new_event(data, subject=entry.code, version=entry.version, occurred_at=now, recorded_at=now)

    def _today(self) -> date:
        return self.calendar.local_date(self.clock.now())


def _entries(given: DecisionIn, known: Mapping[str, Sequence[Entry]]) -> list[tuple[str, Entry]]:
    def entry(each: PublishedIn | AbolishedIn, change: ProcedureChange) -> Entry:
        content = each.model_dump()
        content["levels"] = tuple(content.get("levels", ()))
        number = next_number(known.get(each.procedure, ()), each.effective_on)
        return Entry(
            number=number,
            version=1,
            decision=given.number,
            issued_on=given.issued_on,
            unit=given.unit,
            change=change,
            **content,
        )

    published = [
        (f"publishes.{place}", entry(each, ProcedureChange.PUBLISHED)) for place, each in enumerate(given.publishes)
    ]
    abolished = [
        (f"abolishes.{place}", entry(each, ProcedureChange.ABOLISHED)) for place, each in enumerate(given.abolishes)
    ]
    return published + abolished


def _processes(given: DecisionIn, known: Mapping[str, Sequence[Process]]) -> list[tuple[str, Process]]:
    return [
        (
            f"processes.{place}",
            Process(
                procedure=each.procedure,
                effective_on=each.effective_on,
                number=next_number(known.get(each.procedure, ()), each.effective_on),
                decision=given.number,
                steps=tuple(Step(**step.model_dump()) for step in each.steps),
            ),
        )
        for place, each in enumerate(given.processes)
    ]


def _place(cursor: str | None) -> tuple[date, str] | None:
    if cursor is None:
        return None
    day, number = decode_cursor(cursor, date, str)
    return day, number


def _none() -> Problem:
    return not_found("thủ tục này", "this procedure")
