"""Actions on a report: one command path for all of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from cchc_shared import logs
from cchc_shared.clock import Clock
from cchc_shared.codes import Role
from cchc_shared.events import new_event
from cchc_shared.http.access import Principal
from cchc_shared.http.etag import stale
from cchc_shared.http.problems import FieldError, Problem, invalid, not_found
from cchc_shared.working_time import WorkingCalendar
from feedback_api.clocks.domain import Deadlines
from feedback_api.directory.domain import Units
from feedback_api.directory.service import FRESH, Directory
from feedback_api.handling import domain, repository
from feedback_api.handling.access import may_read, parties
from feedback_api.handling.domain import Feedback, ReturnReason, Step, WrongState
from feedback_api.handling.repository import Actor, Stored
from feedback_api.handling.transitions import TRANSITIONS, Action, Party, possible
from feedback_api.routing.domain import Router
from feedback_api.rules import FeedbackRules

ROLES = {Party.DESK: Role.COORDINATOR, Party.STAFF: Role.OFFICER, Party.HEAD: Role.UNIT_HEAD}


@dataclass(frozen=True, slots=True)
class Command:
    """An action on a report as its caller asked for it; `version` is what the caller saw."""

    code: str
    action: Action
    caller: Principal
    version: int


@dataclass(frozen=True, slots=True)
class Handling:
    """The use cases of a report's handling. Each commits, or raises a problem and changes nothing."""

    engine: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    rules: FeedbackRules
    deadlines: Deadlines
    router: Router
    directory: Directory

    async def assign(self, code: str, caller: Principal, version: int, unit: str | None) -> Stored:
        """The desk assigns the report to a unit, by default the one it is routed to."""
        if unit is not None:
            await self._check_unit(unit)
        return await self._act(
            Command(code, Action.ASSIGN, caller, version), lambda before, _: domain.assign(before, unit or before.unit)
        )

    async def accept(self, code: str, caller: Principal, version: int) -> Stored:
        return await self._act(
            Command(code, Action.ACCEPT, caller, version), lambda before, at: domain.accept(before, at, self.deadlines)
        )

    async def give_back(self, code: str, caller: Principal, version: int, reason: ReturnReason) -> Stored:
        """The unit returns the report to the desk of its kind."""
        units = await self.directory.units()
        return await self._act(
            Command(code, Action.RETURN, caller, version),
            lambda before, at: domain.give_back(before, self._desk(units, before, at), reason),
        )

    async def transfer(self, code: str, caller: Principal, version: int, unit: str, reason: str) -> Stored:
        await self._check_unit(unit)

        def move(before: Feedback, at: datetime) -> Step:
            if unit == before.unit:
                raise invalid([FieldError("body.unit", "đang giữ phản ánh này", "holds this report already")])
            return domain.transfer(before, at, unit, reason, self.deadlines)

        return await self._act(Command(code, Action.TRANSFER, caller, version), move)

    async def draft_answer(self, code: str, caller: Principal, version: int, answer: str, outcome: str) -> Stored:
        if outcome not in self.rules.outcomes.names:
            known = ", ".join(self.rules.outcomes.names)
            raise invalid([FieldError("body.outcome", f"phải là một trong: {known}", f"must be one of: {known}")])
        return await self._act(
            Command(code, Action.DRAFT_ANSWER, caller, version),
            lambda before, _: domain.draft_answer(before, answer, outcome),
        )

    async def approve_answer(self, code: str, caller: Principal, version: int) -> Stored:
        return await self._act(Command(code, Action.APPROVE_ANSWER, caller, version), domain.approve_answer)

    async def publish(self, code: str, caller: Principal, version: int) -> Stored:
        return await self._act(Command(code, Action.PUBLISH, caller, version), lambda before, _: domain.publish(before))

    async def _act(self, command: Command, perform: Callable[[Feedback, datetime], Step]) -> Stored:
        at = self.clock.now()
        async with self.engine.begin() as conn:
            stored = await repository.load(conn, command.code, lock=True)
            if stored is None or not may_read(command.caller, None, stored):
                raise not_found("phản ánh này", "this report")
            before = stored.feedback
            # First: a unit that repeats its transfer, having lost the answer, must learn that it was done.
            if before.version != command.version:
                raise stale(before.version)
            held = parties(command.caller, before.unit)
            acting = TRANSITIONS[command.action].parties & held
            if not acting:
                raise _not_yours(command.action)
            try:
                step = perform(before, at)
            except WrongState as error:
                raise _wrong_state(before, held) from error
            event = new_event(
                step.event,
                subject=before.code,
                version=step.after.version,
                occurred_at=at,
                recorded_at=at,
                traceparent=logs.traceparent.get(),
            )
            await repository.save(
                conn, before, step, Actor(command.caller.sub, _role(command.caller, acting), at), event
            )
        return replace(stored, feedback=step.after)

    async def _check_unit(self, unit: str) -> None:
        today = self.calendar.local_date(self.clock.now())
        if not (await self.directory.units()).exists(unit, today) and not (await self.directory.units(FRESH)).exists(
            unit, today
        ):
            raise invalid([FieldError("body.unit", "hiện không có đơn vị này", "is no unit today")])

    def _desk(self, units: Units, before: Feedback, at: datetime) -> str:
        return self.router.route(units, before.kind, before.severity, self.calendar.local_date(at)).unit


def _role(caller: Principal, acting: frozenset[Party]) -> str:
    """The role the caller acts in; a head who does what all staff may, still acts as head."""
    if Party.STAFF in acting and caller.has(Role.UNIT_HEAD):
        return Role.UNIT_HEAD
    return ROLES[Party.STAFF if Party.STAFF in acting else min(acting)]


def _not_yours(action: Action) -> Problem:
    return Problem(
        403,
        "not-your-action",
        vi="Bạn không được làm việc này với phản ánh này.",
        en="You may not do this to this report.",
        extra={"parties": sorted(TRANSITIONS[action].parties)},
    )


def _wrong_state(before: Feedback, held: frozenset[Party]) -> Problem:
    return Problem(
        409,
        "wrong-state",
        vi=f"Không làm được việc này khi phản ánh ở trạng thái {before.status}.",
        en=f"This cannot be done while the report is {before.status}.",
        extra={"state": before.status, "possible": list(possible(before.status, held))},
    )
