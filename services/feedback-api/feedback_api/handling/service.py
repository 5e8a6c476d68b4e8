"""The actions on a report. Each commits and replies, or raises a problem and changes nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from msgspec.structs import replace
from sqlalchemy.ext.asyncio import AsyncConnection

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import FeedbackReturnReason
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from cchc_shared.directory.service import FRESH, MISSED, Directory
from cchc_shared.http.access import Principal
from cchc_shared.service.workflow import Command, Workflow, entry_of
from cchc_shared.storage.idempotency import Reply
from feedback_api.deadlines.domain import Deadlines
from feedback_api.handling import repository
from feedback_api.handling.rules import HandlingRules
from feedback_api.handling.schemas import FeedbackClassifyIn, FeedbackMarkUnjustifiedIn
from feedback_api.reports import effects
from feedback_api.reports.access import parties
from feedback_api.reports.attachments import has_evidence
from feedback_api.reports.domain import ENDED, Feedback
from feedback_api.reports.repository import parts_of
from feedback_api.reports.rules import AskingRules
from feedback_api.reports.transitions import TABLE, FeedbackAction, Party
from feedback_api.routing.domain import Router
from feedback_api.routing.problems import intake_desk_unavailable
from feedback_api.rulebook import NoRuleInForce, first_in_force


@dataclass(frozen=True, slots=True)
class Handling:
    """The use cases of a report's handling."""

    clock: Clock
    calendar: WorkingCalendar
    rules: HandlingRules
    asking: AskingRules
    deadlines: Deadlines
    router: Router
    directory: Directory
    workflow: Workflow[Feedback, Feedback]

    async def classify(self, command: Command, given: FeedbackClassifyIn) -> Reply:
        """The desk says what the report is about."""
        self._check_code("category", given.category, self.rules.categories.names)

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            before = step.before
            return effects.classify(
                step,
                self.deadlines,
                given.kind or before.kind,
                given.category or before.category,
                given.severity or before.severity,
            )

        return await self.workflow.run(command, FeedbackAction.CLASSIFY, effect)

    async def assign(self, command: Command, unit: str | None) -> Reply:
        """The desk assigns the report to a unit, by default the one it is routed to."""
        if unit is not None:
            await self._look_up(unit)

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            if unit is not None:
                self._check_exists(unit)
            return effects.assign(step, unit or step.before.unit, self.deadlines)

        return await self.workflow.run(command, FeedbackAction.ASSIGN, effect)

    async def accept(self, command: Command) -> Reply:
        """The unit takes the report on."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return effects.accept(step, self.deadlines)

        return await self.workflow.run(command, FeedbackAction.ACCEPT, effect)

    async def return_to_desk(self, command: Command, reason: FeedbackReturnReason) -> Reply:
        """The unit returns the report to the desk of its kind."""
        await self.directory.refresh(MISSED)  # a process that has just started may not have read the units yet

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return effects.return_to_desk(step, self._desk(step.before), reason, self.deadlines)

        return await self.workflow.run(command, FeedbackAction.RETURN, effect)

    async def transfer(self, command: Command, unit: str, reason: str) -> Reply:
        """The report passes to another unit."""
        await self._look_up(unit)

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            self._check_exists(unit)
            if unit == step.before.unit:
                raise RuleBroken("unit", "đang giữ phản ánh này", "holds this report already")
            by_desk = Party.STAFF not in parties(command.caller, step.before)
            return effects.transfer(step, unit, reason, self.deadlines, by_desk=by_desk)

        return await self.workflow.run(command, FeedbackAction.TRANSFER, effect)

    async def judge_handover(self, command: Command, given: FeedbackMarkUnjustifiedIn) -> Reply:
        """The desk judges a hand-over, or withdraws its judgement."""

        async def effect(conn: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            judged = given.handover in step.before.unjustified
            handover = await repository.handover(conn, step.before.code, given.handover, judged=judged)
            if handover is None:
                raise RuleBroken("handover", "không phải lần chuyển, trả lại của đơn vị", "is no hand-over by a unit")
            if judged == given.unjustified:
                raise RuleBroken(
                    "unjustified",
                    "đã được kết luận như vậy" if judged else "chưa có kết luận nào để rút lại",
                    "was judged so already" if judged else "cannot be withdrawn: it was not judged so",
                )
            return effects.judge_handover(step, handover, given.reason)

        return await self.workflow.run(command, FeedbackAction.MARK_UNJUSTIFIED, effect)

    async def ask_supplement(self, command: Command, question: str) -> Reply:
        """The sender is asked for more information, as often as the rules allow."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            before = step.before
            most = first_in_force(self.asking.asking, before.matter, self._received_on(before)).at_most
            if len(before.pauses) >= most:
                raise RuleBroken(
                    "question", f"đã hỏi đủ {most} lần", f"comes after the {most} that the sender may be asked"
                )
            return effects.ask_supplement(step, question)

        return await self.workflow.run(command, FeedbackAction.ASK_SUPPLEMENT, effect)

    async def supplement(self, command: Command, text: str) -> Reply:
        """The information came, or officials go on without."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return effects.supplement(step, text, self.deadlines)

        return await self.workflow.run(command, FeedbackAction.SUPPLEMENT, effect)

    async def extend(self, command: Command, days: int, reason: str) -> Reply:
        """The head takes more time for the answer, once and before it is late."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            most = first_in_force(
                self.rules.extensions, step.before.matter, self._received_on(step.before)
            ).at_most_days
            if days > most:
                raise RuleBroken("days", f"tối đa {most} ngày", f"must be at most {most} days")
            return effects.extend(step, days, reason, self.deadlines)

        return await self.workflow.run(command, FeedbackAction.EXTEND, effect)

    async def draft_answer(self, command: Command, answer: str, outcome: str) -> Reply:
        """The unit proposes an answer."""
        self._check_code("outcome", outcome, self.rules.outcomes.names)

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return effects.draft_answer(step, answer, outcome)

        return await self.workflow.run(command, FeedbackAction.DRAFT_ANSWER, effect)

    async def reject_answer(self, command: Command, reason: str) -> Reply:
        """The head sends the draft back."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return effects.reject_answer(step, reason)

        return await self.workflow.run(command, FeedbackAction.REJECT_ANSWER, effect)

    async def approve_answer(self, command: Command) -> Reply:
        """The head of the unit approves the answer."""

        async def effect(conn: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            await self._check_parts(conn, step.before, "answer")
            return effects.approve_answer(step)

        return await self.workflow.run(command, FeedbackAction.APPROVE_ANSWER, effect)

    async def publish(self, command: Command) -> Reply:
        """The answer may be shown to everyone."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return effects.publish(step)

        return await self.workflow.run(command, FeedbackAction.PUBLISH, effect)

    async def rate(self, command: Command, satisfied: bool, comment: str | None) -> Reply:
        """The sender says whether they are satisfied."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return effects.rate(step, satisfied, comment)

        return await self.workflow.run(command, FeedbackAction.RATE, effect)

    async def reopen(self, command: Command, reason: str) -> Reply:
        """The sender does not accept the answer, within the time that the rules give."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            before = step.before
            days = first_in_force(self.rules.reopening, before.matter, self._received_on(before)).within_days
            ended_on = self.calendar.local_date(before.answered_at or before.ended_at or step.at)
            if self.calendar.local_date(step.at) > ended_on + timedelta(days=days):
                raise RuleBroken(
                    "reason",
                    f"chỉ mở lại được trong {days} ngày sau khi kết thúc",
                    f"comes more than {days} days after it ended",
                )
            return effects.reopen(step, reason, self.deadlines)

        return await self.workflow.run(command, FeedbackAction.REOPEN, effect)

    async def close(self, command: Command, outcome: str | None, explanation: str) -> Reply:
        """The work is over, with an outcome and an explanation."""
        self._check_code("outcome", outcome, self.rules.outcomes.names)

        async def effect(conn: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            before, decided = step.before, outcome or step.before.outcome
            needs_evidence = first_in_force(self.rules.closing, before.matter, self._received_on(before)).evidence
            if needs_evidence and not await has_evidence(conn, before.code, before.reopened_at):
                raise RuleBroken(
                    "explanation",
                    "cần kèm ảnh hoặc tài liệu sau xử lý (tệp đính kèm `after` hoặc `evidence`)",
                    "needs a picture or document of the work done: attach one as `after` or `evidence`",
                )
            if decided is None:  # an answer has one; reports of before there were any may not
                raise RuleBroken("outcome", "thiếu kết quả xử lý", "is missing")
            return effects.close(step, decided, explanation)

        return await self.workflow.run(command, FeedbackAction.CLOSE, effect)

    async def refuse(self, command: Command, reason: str, explanation: str | None) -> Reply:
        """It is not what reports are for: the sender is told why, and where to go."""
        self._check_code("reason", reason, self.rules.refusals.reasons)
        told = self.rules.refusals.reasons[reason]

        async def effect(conn: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            await self._check_parts(conn, step.before, "reason")
            words = f"{told.name.vi}. {told.where_to_go.vi} · {told.name.en}. {told.where_to_go.en}"
            return effects.refuse(step, reason, f"{words}\n{explanation}" if explanation else words)

        return await self.workflow.run(command, FeedbackAction.REFUSE, effect)

    async def mark_duplicate(self, command: Command, original: str) -> Reply:
        """It tells what another report told before."""

        async def effect(conn: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            if original == step.before.code:
                raise RuleBroken("original", "chính là phản ánh này", "is this report itself")
            if not await repository.may_be_original(conn, original):
                raise RuleBroken(
                    "original",
                    "không có phản ánh này, hoặc chính nó đã trùng hay bị từ chối",
                    "is no report, or itself a duplicate or refused",
                )
            await self._check_parts(conn, step.before, "original")
            return effects.mark_duplicate(step, original)

        return await self.workflow.run(command, FeedbackAction.MARK_DUPLICATE, effect)

    async def merge(self, command: Command, duplicates: Sequence[str]) -> Reply:
        """Others tell the same: they end as duplicates of this one, all or none."""

        async def effect(conn: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            found = await repository.duplicates(conn, duplicates, command.caller)
            for index, code in enumerate(duplicates):
                await self._merge_one(conn, step, command.caller, found.get(code), f"duplicates.{index}")
            return effects.merge(step, tuple(duplicates))

        return await self.workflow.run(command, FeedbackAction.MERGE, effect)

    async def _merge_one(
        self, conn: AsyncConnection, step: Step[Feedback], caller: Principal, found: Feedback | None, field: str
    ) -> None:
        if found is None:
            raise RuleBroken(
                field, "không có phản ánh này, hoặc đang có người xử lý", "is no report, or somebody is at work on it"
            )
        if found.code == step.before.code:
            raise RuleBroken(field, "chính là phản ánh này", "is this report itself")
        row = TABLE.row(found, FeedbackAction.MARK_DUPLICATE)
        known = parties(caller, found)
        role = None if row is None else next((role for party, role in known.items() if party in row.by), None)
        if row is None or role is None:
            raise RuleBroken(
                field,
                f"không gộp được: đang ở trạng thái `{found.status}`, hoặc do đơn vị khác giữ",
                f"cannot be merged: it is {found.status}, or another unit has it",
            )
        await self._check_parts(conn, found, field)
        after = replace(found, status=row.target, version=found.version + 1)
        change = effects.mark_duplicate(Step(found, after, step.at), step.before.code)
        entry = entry_of(
            found,
            change,
            action=FeedbackAction.MARK_DUPLICATE,
            at=step.at,
            recorded_at=step.at,
            actor=caller.sub,
            role=role,
        )
        await self.workflow.record(conn, found, change, entry)

    async def add_note(self, command: Command, note: str, *, public: bool) -> Reply:
        """An official writes something down."""

        async def effect(_: AsyncConnection, step: Step[Feedback]) -> Change[Feedback]:
            return effects.add_note(step, note, public=public)

        return await self.workflow.run(command, FeedbackAction.ADD_NOTE, effect)

    async def _check_parts(self, conn: AsyncConnection, report: Feedback, field: str) -> None:
        """A report does not end before its parts have."""
        parts = () if report.part_of is not None else await parts_of(conn, report.code)
        if open_parts := [part for part in parts if part.status not in ENDED]:
            names = ", ".join(f"{part.code} ({part.unit})" for part in open_parts)
            raise RuleBroken(field, f"còn phần chưa xong: {names}", f"comes before parts that are still open: {names}")

    def _check_code(self, field: str, code: str | None, known: Collection[str]) -> None:
        if code is not None and code not in known:
            codes = ", ".join(known)
            raise RuleBroken(field, f"phải là một trong: `{codes}`", f"must be one of: {codes}")

    def _received_on(self, report: Feedback) -> date:
        return self.calendar.local_date(report.received_at)

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
