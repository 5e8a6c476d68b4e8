"""Lists, reading and actions of reports. What a caller may not see does not exist for that caller."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import FeedbackReturnReason
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.http.access import Principal
from cchc_shared.http.history import History
from cchc_shared.http.paging import decode_cursor, encode_cursor, invalid_cursor
from cchc_shared.service.workflow import Command, Workflow
from cchc_shared.storage.idempotency import Reply
from feedback_api.deadlines.domain import Deadlines
from feedback_api.directory.service import FRESH, MISSED, Directory
from feedback_api.handling.repository import in_scope_of, matching, page
from feedback_api.handling.rules import HandlingRules
from feedback_api.handling.schemas import FeedbackQuery
from feedback_api.reports import domain, repository, views
from feedback_api.reports.access import may_read_contact
from feedback_api.reports.contacts import Contact, ContactCipher
from feedback_api.reports.domain import Feedback
from feedback_api.reports.schemas import FeedbackOut, FeedbackPage
from feedback_api.reports.transitions import FeedbackAction
from feedback_api.routing.domain import Router
from feedback_api.routing.problems import intake_desk_unavailable
from feedback_api.rulebook import NoRuleInForce


class VersionedReport(NamedTuple):
    """A report as a reader sees it, with its version."""

    version: int
    report: FeedbackOut


@dataclass(frozen=True, slots=True)
class Handling:
    """The use cases of a report's handling. An action commits and replies, or raises a problem and changes nothing."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    rules: HandlingRules
    deadlines: Deadlines
    router: Router
    directory: Directory
    cipher: ContactCipher
    workflow: Workflow[Feedback, Feedback]

    async def page(self, query: FeedbackQuery, caller: Principal) -> FeedbackPage:
        """The reports of the caller's scope, newest first."""
        conditions = [in_scope_of(caller), *matching(query, self.calendar, self.clock.now())]
        after = None if query.cursor is None else _position(query.cursor)
        async with self.reading.connect() as conn:
            found = await page(conn, conditions, after, query.limit + 1)
        items = found[: query.limit]
        more = len(found) > query.limit
        cursor = encode_cursor(items[-1].received_at.isoformat(), items[-1].code) if more else None
        return FeedbackPage(items=items, next_cursor=cursor)

    async def read(self, code: str, caller: Principal | None, secret: str | None) -> VersionedReport:
        """The report, with its sender's contact data for the unit that holds it. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await repository.load_for(conn, code, caller, secret)
            contact = await self._contact(conn, code) if may_read_contact(caller, report) else None
        return VersionedReport(report.version, views.report(report, caller, self.deadlines, contact))

    async def history(self, code: str, caller: Principal | None, secret: str | None) -> History:
        """What happened to the report, oldest first. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await repository.load_for(conn, code, caller, secret)
            return views.history(report, caller, await repository.history_of(conn, code))

    async def assign(self, command: Command, unit: str | None) -> Reply:
        """The desk assigns the report to a unit, by default the one it is routed to."""
        if unit is not None:
            await self._look_up(unit)

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            if unit is not None:
                self._check_exists(unit)
            return domain.assign(step, unit or step.before.unit)

        return await self.workflow.run(command, FeedbackAction.ASSIGN, effect)

    async def accept(self, command: Command) -> Reply:
        """The unit takes the report on."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return domain.accept(step, self.deadlines)

        return await self.workflow.run(command, FeedbackAction.ACCEPT, effect)

    async def return_to_desk(self, command: Command, reason: FeedbackReturnReason) -> Reply:
        """The unit returns the report to the desk of its kind."""
        await self.directory.refresh(MISSED)  # a process that has just started may not have read the units yet

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return domain.return_to_desk(step, self._desk(step.before), reason)

        return await self.workflow.run(command, FeedbackAction.RETURN, effect)

    async def transfer(self, command: Command, unit: str, reason: str) -> Reply:
        """The report passes to another unit."""
        await self._look_up(unit)

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            self._check_exists(unit)
            if unit == step.before.unit:
                raise RuleBroken("unit", "đang giữ phản ánh này", "holds this report already")
            return domain.transfer(step, unit, reason, self.deadlines)

        return await self.workflow.run(command, FeedbackAction.TRANSFER, effect)

    async def draft_answer(self, command: Command, answer: str, outcome: str) -> Reply:
        """The unit proposes an answer."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            if outcome not in self.rules.outcomes.names:
                known = ", ".join(self.rules.outcomes.names)
                raise RuleBroken("outcome", f"phải là một trong: {known}", f"must be one of: {known}")
            return domain.draft_answer(step, answer, outcome)

        return await self.workflow.run(command, FeedbackAction.DRAFT_ANSWER, effect)

    async def approve_answer(self, command: Command) -> Reply:
        """The head of the unit approves the answer."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return domain.approve_answer(step)

        return await self.workflow.run(command, FeedbackAction.APPROVE_ANSWER, effect)

    async def publish(self, command: Command) -> Reply:
        """The answer may be shown to everyone."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return domain.publish(step)

        return await self.workflow.run(command, FeedbackAction.PUBLISH, effect)

    async def _contact(self, conn: AsyncConnection, code: str) -> Contact | None:
        """Who sent the report; an anonymous sender stays unnamed."""
        sealed = await repository.sealed_contact(conn, code)
        if sealed is None:
            return None
        contact = self.cipher.open(code, sealed)
        return Contact(anonymous=True) if contact.anonymous else contact

    def _today(self) -> date:
        return self.calendar.local_date(self.clock.now())

    async def _look_up(self, unit: str) -> None:
        """Read the units again if this one is not among them: before the transaction, which holds a connection."""
        if not self.directory.units.exists(unit, self._today()):
            await self.directory.refresh(FRESH)

    def _check_exists(self, unit: str) -> None:
        if not self.directory.units.exists(unit, self._today()):
            raise RuleBroken("unit", "hiện không có đơn vị này", "is no unit today")

    def _desk(self, before: Feedback) -> str:
        try:
            return self.router.desk(self.directory.units, before.matter, self._today()).unit
        except NoRuleInForce as error:
            raise intake_desk_unavailable() from error


def _position(cursor: str) -> tuple[datetime, str]:
    at, code = decode_cursor(cursor, datetime, str)
    try:
        return at.astimezone(UTC), code
    except OverflowError as error:  # the first day of the calendar, in a time zone where it is a day earlier
        raise invalid_cursor() from error
