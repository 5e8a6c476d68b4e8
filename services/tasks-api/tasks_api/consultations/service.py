"""Use cases of consultations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import UNIT_STAFF
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag, stale
from cchc_shared.http.history import History, HistoryItem
from cchc_shared.http.idempotency import reply
from cchc_shared.http.paging import decode_cursor, encode_cursor
from cchc_shared.http.problems import not_found
from cchc_shared.service.workflow import Command, Workflow, entry_of, event_of
from cchc_shared.storage.idempotency import Reply, once
from cchc_shared.stream import outbox
from tasks_api.consultations import domain, repository
from tasks_api.consultations.domain import Consultation
from tasks_api.consultations.notice import Notice
from tasks_api.consultations.rules import ConsultationRules
from tasks_api.consultations.schemas import (
    AnswerIn,
    AskedUnitIn,
    ConsultationIn,
    ConsultationOut,
    ConsultationPage,
    ConsultationQuery,
    ConsultationsIn,
    ConsultationsOut,
    QuestionIn,
    ReturnIn,
    StatisticsOut,
    StatisticsQuery,
    StatisticsRow,
    WithdrawIn,
)
from tasks_api.consultations.store import ConsultationStore
from tasks_api.consultations.transitions import ConsultationAction
from tasks_api.cursors import id_before
from tasks_api.notifications.repository import notify
from tasks_api.tasks import access as task_access
from tasks_api.tasks.domain import Task
from tasks_api.tasks.work import led_task

ASK: Final = "ask"
"""The first action of a consultation, in its history."""


class Asked(NamedTuple):
    """Who asks about which task; `key` and `digest` identify a repeated request."""

    task: str
    caller: Principal
    key: str | None
    digest: bytes


@dataclass(frozen=True)
class Consultations:
    """Questions to units and their answers. Each method is one transaction.

    Actions raise what every action does (`Workflow.run`), and `RuleBroken` where the rules say no.
    """

    engine: AsyncEngine
    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    rules: ConsultationRules
    store: ConsultationStore
    workflow: Workflow[Consultation, Consultation]

    async def ask(self, given: ConsultationIn, asked: Asked) -> Reply:
        """Ask one unit. Raises 404 or 403 of the task, 409 when it has ended, and `RuleBroken`."""

        async def work(conn: AsyncConnection) -> Reply:
            unit = AskedUnitIn(unit=given.unit, relevance=given.relevance)
            [begun] = await self._ask(conn, given, [unit], ("unit",), asked)
            shown = self.store.shown(begun, asked.caller)
            return reply(201, shown, {"Location": f"/v1/consultations/{begun.code}", "ETag": etag(begun.version)})

        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)

    async def ask_many(self, given: ConsultationsIn, asked: Asked) -> Reply:
        """Ask several units the same, all or none. Raises what `ask` does."""

        async def work(conn: AsyncConnection) -> Reply:
            fields = [f"units.{index}.unit" for index in range(len(given.units))]
            begun = await self._ask(conn, given, given.units, fields, asked)
            return reply(201, ConsultationsOut(items=[self.store.shown(each, asked.caller) for each in begun]))

        return await once(self.engine, caller=asked.caller.sub, key=asked.key, digest=asked.digest, work=work)

    async def page(self, wanted: ConsultationQuery, caller: Principal) -> ConsultationPage:
        """Consultations that the caller may read, newest first."""
        before = id_before(wanted.cursor)
        async with self.reading.connect() as conn:
            found = await repository.page(
                conn, wanted, reader=task_access.reader(caller), now=self.clock.now(), before=before
            )
        items = [self.store.shown(each, caller) for each in found[: wanted.limit]]
        more = len(found) > wanted.limit
        return ConsultationPage(items=items, next_cursor=encode_cursor(found[wanted.limit - 1].id) if more else None)

    async def get(self, code: str, caller: Principal) -> ConsultationOut:
        """The consultation as it stands now. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            return self.store.shown(await self._find(conn, code, caller), caller)

    async def history(self, code: str, caller: Principal) -> History:
        """Every change that is recorded. Raises a 404 problem."""
        async with self.engine.begin() as conn:
            rows = await repository.history_of(conn, (await self._recorded(conn, code, caller)).id)
        return History(items=[HistoryItem.model_validate(row) for row in rows])

    async def notice(self, code: str, caller: Principal) -> Notice:
        """The notice of deemed consent. Raises a 404 problem where there is none."""
        async with self.engine.begin() as conn:
            found = await repository.notice_of(conn, (await self._recorded(conn, code, caller)).id)
        if found is None:
            raise not_found("thông báo này", "this notice")
        return found

    async def statistics(self, wanted: StatisticsQuery, caller: Principal) -> StatisticsOut:
        """Who asked whom how often, and what became of it, as of the end of a day."""
        as_of = wanted.as_of or self.calendar.local_date(self.clock.now())
        since = wanted.since or date(as_of.year, 1, 1)
        after = decode_cursor(wanted.cursor, str, str, str) if wanted.cursor else None
        async with self.reading.connect() as conn:
            found = await repository.statistics(
                conn,
                wanted,
                reader=task_access.reader(caller),
                since=self.calendar.end_of_day(since - timedelta(days=1)),
                # What happens at this very instant has happened.
                until=min(self.calendar.end_of_day(as_of), self.clock.now() + timedelta.resolution),
                timezone=self.calendar.timezone.key,
                after=after,
            )
        items = [StatisticsRow.model_validate(row) for row in found[: wanted.limit]]
        last = items[-1] if len(found) > wanted.limit else None
        cursor = encode_cursor(last.month, last.asker, last.unit) if last else None
        return StatisticsOut(as_of=as_of, since=since, items=items, next_cursor=cursor)

    async def answer(self, command: Command, given: AnswerIn) -> Reply:
        """Give the unit's opinion; after the deadline it is kept and changes nothing."""

        def effect(step: Step[Consultation]) -> Change[Consultation]:
            return domain.answer(step, given.answer(step.at))

        details = given.model_dump(mode="json", exclude_defaults=True)
        return await self._act(command, ConsultationAction.ANSWER, lambda step: effect(step)._replace(details=details))

    async def return_(self, command: Command, given: ReturnIn) -> Reply:
        """Return the question to the unit that asks."""
        details = given.model_dump(mode="json", exclude_defaults=True)
        return await self._act(
            command,
            ConsultationAction.RETURN,
            lambda step: domain.return_(step, given.reason)._replace(details=details),
        )

    async def withdraw(self, command: Command, given: WithdrawIn) -> Reply:
        """Withdraw the question."""
        return await self._act(
            command, ConsultationAction.WITHDRAW, lambda step: domain.withdraw(step)._replace(note=given.reason)
        )

    async def led_task(self, conn: AsyncConnection, asked: Asked) -> Task:
        """The task, locked, if the caller acts for the unit that leads it.

        Raises 404 when it is not to be seen, 403 for other staff, and 409 when it has ended.
        """
        return await led_task(conn, asked.task, asked.caller)

    async def _act(
        self,
        command: Command,
        action: ConsultationAction,
        effect: Callable[[Step[Consultation]], Change[Consultation]],
    ) -> Reply:
        async def apply(_: AsyncConnection, step: Step[Consultation]) -> Change[Consultation]:
            if step.before.lapsed(step.at):  # between the lock and this instant
                raise stale(step.after.version)
            return effect(step)

        return await self.workflow.run(command, action, apply)

    async def _ask(
        self,
        conn: AsyncConnection,
        given: QuestionIn,
        units: Sequence[AskedUnitIn],
        fields: Sequence[str],
        asked: Asked,
    ) -> list[Consultation]:
        task = await self.led_task(conn, asked)
        now = self.clock.now()
        await self._check_units(conn, task, units, fields)
        kind = self.rules.kind(given.kind)
        due_at = domain.due_time(
            kind, now, due_at=given.due_at, working_days=given.working_days, calendar=self.calendar
        )
        year = self.calendar.local_date(now).year
        begun = [
            Consultation(
                id=id_,
                code=domain.code_of(id_, year),
                task=task.code,
                asker=task.unit,
                unit=each.unit,
                kind=given.kind,
                deemed_consent=kind.deemed_consent.value,
                tell=kind.tell.value if kind.tell else None,
                question=given.question,
                relevance=each.relevance,
                main_contents=tuple(dict.fromkeys(given.main_contents)),
                asked_at=now,
                due_at=due_at,
            )
            for id_, each in zip(await repository.new_ids(conn, len(units)), units, strict=True)
        ]
        await repository.add(conn, begun)
        changes = [domain.ask(each) for each in begun]
        role = asked.caller.acting_as(*UNIT_STAFF)
        entries = [
            entry_of(None, change, action=ASK, at=now, recorded_at=now, actor=asked.caller.sub, role=role)
            for change in changes
        ]
        await repository.add_history(conn, zip(begun, entries, strict=True))
        told = [notification for each in begun for notification in domain.notifications_of(each, now, self.calendar)]
        await notify(conn, told, now)
        await outbox.write(conn, [event_of(*pair) for pair in zip(changes, entries, strict=True)])
        return begun

    async def _check_units(
        self, conn: AsyncConnection, task: Task, units: Sequence[AskedUnitIn], fields: Sequence[str]
    ) -> None:
        known = await self.store.units.names(conn, self.calendar.local_date(self.clock.now()))
        seen = {task.unit}
        for field, each in zip(fields, units, strict=True):
            if each.unit not in known:
                raise RuleBroken(field, "hiện không có đơn vị này", "is no unit today")
            if each.unit in seen:
                raise RuleBroken(
                    field,
                    "là đơn vị lấy ý kiến, hoặc đã có trong danh sách",
                    "is the unit that asks, or stands in the list already",
                )
            seen.add(each.unit)

    async def _find(self, conn: AsyncConnection, code: str, caller: Principal) -> Consultation:
        return self._there(await repository.get(conn, code, task_access.reader(caller)))

    async def _recorded(self, conn: AsyncConnection, code: str, caller: Principal) -> Consultation:
        """The consultation, with a deadline that passed recorded: what is asked of it must not wait for a worker."""
        found = await self._find(conn, code, caller)
        if not found.lapsed(self.clock.now()):
            return found
        return self._there(await self.store.load(conn, code, caller))

    def _there(self, found: Consultation | None) -> Consultation:
        if found is None:
            raise not_found(self.workflow.name.vi, self.workflow.name.en)
        return found
