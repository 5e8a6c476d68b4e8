"""Actions on a report: one command path for all of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Role
from cchc_shared.contract.events import new_event
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import etag, stale
from cchc_shared.http.problems import FieldError, Problem, invalid, not_found
from cchc_shared.service import logs
from cchc_shared.storage.idempotency import Reply, once
from feedback_api.clocks.domain import Deadlines
from feedback_api.directory.domain import Units
from feedback_api.directory.service import FRESH, Directory
from feedback_api.handling import domain, repository, views
from feedback_api.handling.access import may_read, parties
from feedback_api.handling.domain import Feedback, ReturnReason, Step, WrongState
from feedback_api.handling.repository import Actor, Stored
from feedback_api.handling.transitions import Action, Party, possible
from feedback_api.models import idempotency
from feedback_api.routing.domain import Router
from feedback_api.routing.problems import no_desk
from feedback_api.rules import FeedbackRules, NoRuleInForce

ROLES = {Party.DESK: Role.COORDINATOR, Party.STAFF: Role.OFFICER, Party.HEAD: Role.UNIT_HEAD}


@dataclass(frozen=True, slots=True)
class Command:
    """What every action is asked with; `version` is what the caller saw, `key` and `digest` tell a repeated request."""

    code: str
    caller: Principal
    version: int
    key: str | None
    digest: bytes


Perform = Callable[[Feedback, datetime], Step]


@dataclass(frozen=True, slots=True)
class Handling:
    """The use cases of a report's handling. Each commits and replies, or raises a problem and changes nothing."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    rules: FeedbackRules
    deadlines: Deadlines
    router: Router
    directory: Directory

    async def assign(self, command: Command, unit: str | None) -> Reply:
        """The desk assigns the report to a unit, by default the one it is routed to."""
        units = await self._units(unit)

        def give(before: Feedback, at: datetime) -> Step:
            if unit is not None:
                self._check_exists(units, unit, at)
            return domain.assign(before, unit or before.unit)

        return await self._once(command, Action.ASSIGN, give)

    async def accept(self, command: Command) -> Reply:
        return await self._once(command, Action.ACCEPT, lambda before, at: domain.accept(before, at, self.deadlines))

    async def give_back(self, command: Command, reason: ReturnReason) -> Reply:
        """The unit returns the report to the desk of its kind."""
        units = await self._units()
        return await self._once(
            command, Action.RETURN, lambda before, at: domain.give_back(before, self._desk(units, before, at), reason)
        )

    async def transfer(self, command: Command, unit: str, reason: str) -> Reply:
        units = await self._units(unit)

        def move(before: Feedback, at: datetime) -> Step:
            self._check_exists(units, unit, at)
            if unit == before.unit:
                raise invalid([FieldError("body.unit", "đang giữ phản ánh này", "holds this report already")])
            return domain.transfer(before, at, unit, reason, self.deadlines)

        return await self._once(command, Action.TRANSFER, move)

    async def draft_answer(self, command: Command, answer: str, outcome: str) -> Reply:
        def draft(before: Feedback, _: datetime) -> Step:
            if outcome not in self.rules.outcomes.names:
                known = ", ".join(self.rules.outcomes.names)
                raise invalid([FieldError("body.outcome", f"phải là một trong: {known}", f"must be one of: {known}")])
            return domain.draft_answer(before, answer, outcome)

        return await self._once(command, Action.DRAFT_ANSWER, draft)

    async def approve_answer(self, command: Command) -> Reply:
        return await self._once(command, Action.APPROVE_ANSWER, domain.approve_answer)

    async def publish(self, command: Command) -> Reply:
        return await self._once(command, Action.PUBLISH, lambda before, _: domain.publish(before))

    async def _once(self, command: Command, action: Action, perform: Perform) -> Reply:
        async def work(conn: AsyncConnection) -> Reply:
            stored = await self._act(conn, command, action, perform)
            shown = views.report(stored, command.caller, None)
            body = shown.model_dump_json(exclude_unset=True).encode()
            return Reply(200, body, {"ETag": etag(stored.feedback.version)})

        return await once(
            self.engine, idempotency, caller=command.caller.sub, key=command.key, digest=command.digest, work=work
        )

    async def _act(self, conn: AsyncConnection, command: Command, action: Action, perform: Perform) -> Stored:
        """Raises 404 for a report not to be read, 412 when it changed meanwhile, 409 with what is possible in a wrong
        state, 403 when that is for somebody else to do, and what `perform` has to say about the words of the caller.
        """
        at, caller = self.clock.now(), command.caller
        stored = await repository.load(conn, command.code, lock=True)
        if stored is None or not may_read(caller, None, stored):
            raise not_found("phản ánh này", "this report")
        before = stored.feedback
        # First: a unit that repeats its transfer, having lost the answer, must learn that it was done.
        if before.version != command.version:
            raise stale(before.version)
        held = parties(caller, before.unit)
        try:
            allowed = domain.transition(before, action).parties
        except WrongState as error:
            raise _wrong_state(before, held) from error
        acting = allowed & held
        if not acting:
            raise _not_yours(allowed)
        step = perform(before, at)
        event = new_event(
            step.event,
            subject=before.code,
            version=step.after.version,
            occurred_at=at,
            recorded_at=at,
            traceparent=logs.traceparent.get(),
        )
        await repository.save(conn, before, step, Actor(caller.sub, _role(caller, acting), at), event)
        return replace(stored, feedback=step.after)

    async def _units(self, named: str | None = None) -> Units:
        """The units, read again if the named one is not among them.

        Asked before the transaction: whoever holds one connection must not wait for another.
        """
        units = await self.directory.units()
        if named is None or units.exists(named, self.calendar.local_date(self.clock.now())):
            return units
        return await self.directory.units(FRESH)

    def _check_exists(self, units: Units, unit: str, at: datetime) -> None:
        if not units.exists(unit, self.calendar.local_date(at)):
            raise invalid([FieldError("body.unit", "hiện không có đơn vị này", "is no unit today")])

    def _desk(self, units: Units, before: Feedback, at: datetime) -> str:
        try:
            return self.router.route(units, before.kind, before.severity, self.calendar.local_date(at)).unit
        except NoRuleInForce as error:
            raise no_desk() from error


def _role(caller: Principal, acting: frozenset[Party]) -> str:
    """The role the caller acts in; a head who does what all staff may, still acts as head."""
    if Party.STAFF in acting and caller.has(Role.UNIT_HEAD):
        return Role.UNIT_HEAD
    return ROLES[Party.STAFF if Party.STAFF in acting else min(acting)]


def _not_yours(allowed: frozenset[Party]) -> Problem:
    return Problem(
        403,
        "not-yours-to-do",
        vi="Việc này do người khác làm ở bước này.",
        en="At this step this is for somebody else to do.",
        extra={"by": sorted(allowed)},
    )


def _wrong_state(before: Feedback, held: frozenset[Party]) -> Problem:
    return Problem(
        409,
        "wrong-state",
        vi=f"Không làm được việc này khi phản ánh ở trạng thái {before.status}.",
        en=f"This cannot be done while the report is {before.status}.",
        extra={"state": before.status, "possible": list(possible(before.status, held))},
    )
