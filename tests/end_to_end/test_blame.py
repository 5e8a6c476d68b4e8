"""A hand-over moves work, not blame: whatever is done with a report, no unit loses a duty that it missed.

The actions of feedback-api and the fold of scoring, with the city's rules and no I/O.
"""

from collections import Counter
from datetime import timedelta
from zoneinfo import ZoneInfo

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from cchc_shared.contract.events import EventData
from cchc_shared.contract.events.feedback import FeedbackReceived
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step
from feedback_api.reports import effects
from feedback_api.reports.domain import ENDED, Feedback, missed_by, state
from feedback_api.reports.transitions import TABLE, FeedbackAction
from scoring_worker.facts.domain import Duty, DutyState
from scoring_worker.projection.fold import Fold
from scoring_worker.sources.feedback import RESOLUTION
from tests.support.events import event_of
from tests.support.reports import ACTIONS, DESK, START, Words, perform, submissions, words

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
MISSED = (DutyState.OVERDUE, DutyState.LATE)
Blame = Counter[tuple[str, str]]
"""(unit, measure) → duties that it missed."""


class AnyWayOfAReport(RuleBasedStateMachine):
    """Takes actions at random, as time passes, and looks at what is counted against whom."""

    @initialize(given=submissions)
    def receive(self, given: Feedback) -> None:
        self.report = given
        self.at = START
        self.duties: dict[tuple[str, int], Duty] = {}
        self.passed: Blame = Counter()
        """Duties to answer that the report itself says were missed when they ended."""
        self.happen(FeedbackReceived(**state(given)))

    @rule(hours=st.integers(1, 200))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(action=st.sampled_from(ACTIONS), words=words)
    def act(self, action: FeedbackAction, words: Words) -> None:
        before = self.report
        row = TABLE.row(before, action)
        if row is None:
            return
        try:
            change = perform(before, row, self.at, words)
        except RuleBroken:
            return
        self.change(change, action)

    @rule()
    def become_a_task(self) -> None:
        before = self.report
        if before.task is None and before.status not in ENDED:
            step = Step(before, replace(before, version=before.version + 1), self.at)
            self.change(effects.become_task(step, "NV-2026-000001"), "become_task")

    def change(self, change: Change[Feedback], action: str) -> None:
        before, blamed = self.report, self.blame()
        self.report = change.after
        if unit := missed_by(before, change.after, self.at):
            self.passed[unit, RESOLUTION] += 1
        self.happen(change.event)
        after = self.blame()
        assert blamed <= after, f"{action} took blame away: {blamed - after}"
        if change.after.held_since != before.held_since:
            assert after == blamed, f"{action} put blame on whoever was given the report: {after - blamed}"

    def happen(self, data: EventData | None) -> None:
        assert data is not None
        event = event_of(data, self.report.code, self.report.version, self.at)
        current = [duty for duty in self.duties.values() if duty.ended_at is None]
        fold = Fold(current, timezone=HANOI, now=self.at)
        fold.apply(event, event.aggregate)
        for duty in fold.opened:
            self.duties[duty.measure, duty.opened_version] = duty

    def blame(self) -> Blame:
        return Counter((duty.unit, duty.measure) for duty in self.duties.values() if duty.state_now(self.at) in MISSED)

    @invariant()
    def the_score_says_what_the_report_says(self) -> None:
        expected = Counter(self.passed)
        if self.report.is_missed(self.at):
            expected[self.report.holder, RESOLUTION] += 1
        duties = [duty for duty in self.duties.values() if duty.measure == RESOLUTION]
        overdue = Counter((duty.unit, duty.measure) for duty in duties if duty.state_now(self.at) is DutyState.OVERDUE)
        assert overdue == expected

    @invariant()
    def no_duty_is_anybodys_while_the_sender_is_asked(self) -> None:
        if self.report.paused_since is not None:
            pending = [duty for duty in self.duties.values() if duty.state_now(self.at) is DutyState.PENDING]
            assert pending == []

    @invariant()
    def before_it_is_assigned_the_desk_answers_for_it(self) -> None:
        if self.report.held_since is None:
            assert {duty.unit for duty in self.duties.values()} <= {DESK}


TestAnyWayOfAReport = AnyWayOfAReport.TestCase
TestAnyWayOfAReport.settings = settings(max_examples=300, stateful_step_count=30, deadline=None)
