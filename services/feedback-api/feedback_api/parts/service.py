"""Splits a report among units, and lists its parts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.directory.service import FRESH, Directory
from cchc_shared.http.access import Principal
from cchc_shared.service.workflow import Command, Workflow, entry_of, event_of
from cchc_shared.storage.idempotency import Reply
from cchc_shared.stream import outbox
from feedback_api.deadlines.domain import Deadlines
from feedback_api.parts.schemas import FeedbackPartOut, FeedbackParts
from feedback_api.reports import effects, repository
from feedback_api.reports.access import parties
from feedback_api.reports.domain import Feedback
from feedback_api.reports.reminders import Reminders
from feedback_api.reports.transitions import FeedbackAction, Party


@dataclass(frozen=True, slots=True)
class Parts:
    """The use cases."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    deadlines: Deadlines
    reminders: Reminders
    directory: Directory
    workflow: Workflow[Feedback, Feedback]

    async def split(self, command: Command, given: Sequence[tuple[str, str]]) -> Reply:
        """Open a part for each unit with its task, and reply with the whole."""
        if not all(self.directory.units.exists(unit, self._today()) for unit, _ in given):
            await self.directory.refresh(FRESH)  # before the transaction, which holds a connection

        async def effect(conn: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            self._check_units([unit for unit, _ in given], step.before)
            first = len(await repository.parts_of(conn, step.before.code)) + 1
            parts = tuple(
                self.reminders.set(effects.open_part(step.before, number, unit, task, step.at, self.deadlines))
                for number, (unit, task) in enumerate(given, first)
            )
            role = parties(command.caller, step.before)[Party.DESK]
            for part in parts:
                opened = effects.part_opened(part)
                entry = entry_of(
                    None,
                    opened,
                    action=FeedbackAction.SPLIT,
                    at=step.at,
                    recorded_at=step.at,
                    actor=command.caller.sub,
                    role=role,
                )
                await repository.insert_part(conn, part, entry)
                await outbox.write(conn, [event_of(opened, entry)])
            return effects.split(step, parts)

        return await self.workflow.run(command, FeedbackAction.SPLIT, effect)

    async def of(self, code: str, caller: Principal) -> FeedbackParts:
        """The parts of a report that the caller reads as an official. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            whole = await repository.load_for_official(conn, code, caller)
            parts = await repository.parts_of(conn, whole.code)
        return FeedbackParts(items=[_part(part) for part in parts])

    def _check_units(self, units: Sequence[str], whole: Feedback) -> None:
        for index, unit in enumerate(units):
            if not self.directory.units.exists(unit, self._today()):
                raise RuleBroken(f"parts.{index}.unit", "hiện không có đơn vị này", "is no unit today")
            if unit == whole.unit:
                raise RuleBroken(
                    f"parts.{index}.unit", "đang giữ cả phản ánh này", "has the whole of this report already"
                )
            if unit in units[:index]:
                raise RuleBroken(f"parts.{index}.unit", "đã có một phần ở trên", "has a part above")

    def _today(self) -> date:
        return self.calendar.local_date(self.clock.now())


def _part(part: Feedback) -> FeedbackPartOut:
    answered = part.answered_at is not None
    return FeedbackPartOut(
        code=part.code,
        unit=part.unit,
        task=part.content,
        status=part.status,
        resolve_due_at=part.own_resolve_due_at or part.resolve_due_at,
        answered_at=part.answered_at,
        answer=part.answer if answered else None,
        outcome=part.outcome if answered else None,
    )
