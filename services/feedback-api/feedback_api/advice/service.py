"""Advice on one report: what its words point to, how many others tell the same, what its draft may lack."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cchc_shared.calendar.clock import Clock
from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.http.access import Principal
from feedback_api.advice import repository, views
from feedback_api.advice.domain import Adviser, Draft, Marked, Suggestions
from feedback_api.advice.rules import SameText
from feedback_api.advice.schemas import AdviceOut
from feedback_api.handling.rules import ClosingRule
from feedback_api.reports.attachments import has_evidence
from feedback_api.reports.domain import Erased, Feedback
from feedback_api.reports.repository import load_for_official
from feedback_api.rulebook import NoRuleInForce, first_in_force
from feedback_api.similar.service import Similar
from feedback_api.standard_replies.service import StandardReplies


@dataclass(frozen=True, slots=True)
class Advice:
    """The use case. Everything is read; nothing is written."""

    reading: AsyncEngine
    clock: Clock
    calendar: WorkingCalendar
    adviser: Adviser
    same_text: SameText
    closing: Sequence[ClosingRule]
    similar: Similar
    replies: StandardReplies

    async def on(self, code: str, caller: Principal) -> AdviceOut:
        """Advice for officials of the report; none on one whose words are erased. Raises a 404 problem."""
        async with self.reading.connect() as conn:
            report = await load_for_official(conn, code, caller)
            if report.erased is Erased.TEXT:
                return views.advice(report, Suggestions(), 0, ())
            similar = len(await self.similar.proposed(conn, report))
            marks = await self._marks(conn, report)
        found = self.adviser.suggest(_words(report), report.severity, report.category)
        return views.advice(report, found, similar, marks)

    async def _marks(self, conn: AsyncConnection, report: Feedback) -> Sequence[Marked]:
        if report.answer is None:
            return ()
        since = self.clock.now() - timedelta(days=self.same_text.within_days)
        has_some = await has_evidence(conn, report.code, report.reopened_at)
        standard = await self.replies.equal_to(conn, report, report.answer)
        draft = Draft(
            answer=report.answer,
            report=_words(report),
            lacks_evidence=self._needs_evidence(report) and not has_some,
            same_text=await repository.others_answered_with(conn, report.code, report.answer, since),
            standard_reply=None if standard is None else standard.title,
        )
        return self.adviser.marks(draft)

    def _needs_evidence(self, report: Feedback) -> bool:
        try:
            received_on = self.calendar.local_date(report.received_at)
            return first_in_force(self.closing, report.matter, received_on).evidence
        except NoRuleInForce:  # the documents speak of its day no more
            return False


def _words(report: Feedback) -> str:
    return f"{report.title or ''}\n{report.content}"
