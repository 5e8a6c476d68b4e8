"""The table of transitions and what actions make of a report: any sequence of actions, no I/O."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
from cchc_shared.contract.events.feedback import FeedbackReturned, FeedbackTransferred
from feedback_api.clocks.domain import Deadlines, Timing
from feedback_api.handling import domain
from feedback_api.handling.domain import Feedback, ReturnReason, Step, WrongState
from feedback_api.handling.transitions import TRANSITIONS, Action, Party, possible
from feedback_api.rules import FeedbackRules

from .conftest import CENTRE, HOME_AFFAIRS, JUSTICE, PROFILE

DEADLINES = Deadlines(
    FeedbackRules.load(PROFILE / "feedback_rules.yaml"), WorkingCalendar.load(PROFILE / "calendar.yaml")
)
UNITS = st.sampled_from([CENTRE, HOME_AFFAIRS, JUSTICE])
START = datetime(2026, 11, 18, 2, tzinfo=UTC)


def new_report(kind: FeedbackKind, severity: Severity, unit: str = CENTRE) -> Feedback:
    accept_due_at, resolve_due_at = DEADLINES.of_new(Timing(kind, severity, START))
    return Feedback(
        code="PA-26-000001",
        version=1,
        channel=Channel.IHANOI,
        kind=kind,
        category=None,
        severity=severity,
        unit=unit,
        status=FeedbackStatus.RECEIVED,
        received_at=START,
        accept_due_at=accept_due_at,
        resolve_due_at=resolve_due_at,
    )


class AnySequenceOfActions(RuleBasedStateMachine):
    """Takes actions at random, allowed or not, and checks what must hold after each."""

    @initialize(kind=st.sampled_from(FeedbackKind), severity=st.sampled_from(Severity))
    def receive(self, kind: FeedbackKind, severity: Severity) -> None:
        self.report = new_report(kind, severity)
        self.at = START
        self.handovers = 0

    @rule(hours=st.integers(0, 100))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(action=st.sampled_from(Action), unit=UNITS, reason=st.sampled_from(ReturnReason))
    def act(self, action: Action, unit: str, reason: ReturnReason) -> None:
        before = self.report
        if action not in possible(before.status, Party):
            with pytest.raises(WrongState):
                self.perform(action, unit, reason)
            return
        step = self.perform(action, unit, reason)
        self.check(before, step)
        self.report = step.after

    def perform(self, action: Action, unit: str, reason: ReturnReason) -> Step:
        match action:
            case Action.ASSIGN:
                return domain.assign(self.report, unit)
            case Action.ACCEPT:
                return domain.accept(self.report, self.at, DEADLINES)
            case Action.RETURN:
                return domain.give_back(self.report, CENTRE, reason)
            case Action.TRANSFER:
                return domain.transfer(self.report, self.at, unit, "thuộc đơn vị khác", DEADLINES)
            case Action.DRAFT_ANSWER:
                return domain.draft_answer(self.report, "đã xong", "resolved")
            case Action.APPROVE_ANSWER:
                return domain.approve_answer(self.report, self.at)
            case Action.PUBLISH:
                return domain.publish(self.report)

    def check(self, before: Feedback, step: Step) -> None:
        after = step.after
        assert after.version == before.version + 1
        assert after.status == TRANSITIONS[step.action].target
        assert (step.event.unit, step.event.status) == (after.unit, after.status)
        assert (step.event.handovers, step.event.resolve_due_at) == (after.handovers, after.resolve_due_at)
        if after.unit != before.unit:
            assert before.unit in after.former_units
        if isinstance(step.event, FeedbackReturned | FeedbackTransferred):
            self.handovers += 1
            assert (step.event.from_unit, step.event.to_unit) == (before.unit, after.unit)
        if before.accepted_at is not None:
            assert after.accepted_at == before.accepted_at

    @invariant()
    def both_clocks_are_kept(self) -> None:
        assert self.report.handovers == self.handovers
        assert self.report.resolve_due_at >= self.report.received_at
        answered = self.report.status in {FeedbackStatus.ANSWERED, FeedbackStatus.PUBLISHED}
        assert answered == (self.report.answered_at is not None)
        if answered:
            assert self.report.accepted_at is not None
            assert self.report.answer
            assert self.report.outcome


TestAnySequenceOfActions = AnySequenceOfActions.TestCase
TestAnySequenceOfActions.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_every_line_can_be_reached_and_only_publication_ends() -> None:
    reached = {FeedbackStatus.RECEIVED, *(line.target for line in TRANSITIONS.values())}
    left = {status for line in TRANSITIONS.values() for status in line.sources}
    assert reached - left == {FeedbackStatus.PUBLISHED}
    assert left <= reached


def test_only_the_head_approves_and_only_the_desk_assigns() -> None:
    assert possible(FeedbackStatus.ANSWER_DRAFTED, [Party.STAFF]) == (Action.DRAFT_ANSWER,)
    assert possible(FeedbackStatus.ANSWER_DRAFTED, [Party.HEAD, Party.STAFF]) == (
        Action.DRAFT_ANSWER,
        Action.APPROVE_ANSWER,
    )
    assert possible(FeedbackStatus.RECEIVED, [Party.STAFF, Party.HEAD]) == ()
    assert possible(FeedbackStatus.RECEIVED, [Party.DESK]) == (Action.ASSIGN,)


def test_urgent_counts_from_the_first_acceptance_whoever_accepts_later() -> None:
    report = domain.assign(new_report(FeedbackKind.ON_SITE, Severity.URGENT), HOME_AFFAIRS).after
    accepted = domain.accept(report, START, DEADLINES).after
    moved = domain.transfer(accepted, START + timedelta(hours=2), JUSTICE, "x", DEADLINES).after
    again = domain.accept(moved, START + timedelta(hours=3), DEADLINES).after
    assert (again.accepted_at, again.resolve_due_at) == (START, accepted.resolve_due_at)
    assert again.former_units == (CENTRE, HOME_AFFAIRS)
