"""The table of transitions and what actions make of a report: any sequence of actions, no I/O."""

from datetime import datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from cchc_shared.contract.codes import FeedbackKind, FeedbackReturnReason, FeedbackStatus, Severity
from cchc_shared.contract.events.feedback import FeedbackReturned, FeedbackState, FeedbackTransferred
from cchc_shared.contract.rules import RuleBroken
from cchc_shared.contract.transitions import Change, Step, Transition
from feedback_api.deadlines.domain import Extension, Timing
from feedback_api.reports import effects
from feedback_api.reports.domain import Feedback, missed_by, with_due_times
from feedback_api.reports.transitions import TABLE, FeedbackAction, Party
from tests.support.reports import ACTIONS, DEADLINES, START, Words, new_report, perform, submissions, words
from tests.support.workflow import Machine

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE


def moved(report: Feedback, row: Transition[Feedback]) -> Feedback:
    """The report after a row was taken, with what rows look at."""
    after = replace(report, status=row.target, version=report.version + 1)
    match row.action:
        case FeedbackAction.ACCEPT:
            return replace(after, own_accepted_at=START)
        case FeedbackAction.ASSIGN:
            return replace(after, own_accepted_at=None)
        case FeedbackAction.TRANSFER | FeedbackAction.RETURN:
            return replace(after, own_accepted_at=None, handovers=1)
        case FeedbackAction.EXTEND:
            return replace(after, extension=Extension(START, 1))
        case FeedbackAction.PUBLISH:
            return replace(after, published_at=START)
        case FeedbackAction.RATE:
            return replace(after, satisfied=True)
        case FeedbackAction.REOPEN:
            return replace(after, own_accepted_at=None, extension=None, published_at=None, satisfied=None)
    return after


WHOLE = new_report(FeedbackKind.ON_SITE, Severity.NORMAL)
MACHINE = Machine(
    TABLE,
    begin=[WHOLE, effects.open_part(WHOLE, 1, HOME_AFFAIRS, "thay bóng", START, DEADLINES)],
    step=moved,
    statuses=FeedbackStatus,
    actions=FeedbackAction,
    parties=Party,
    ends=(),  # a note can always be added
)
TestAnySequence = MACHINE.sequences()


def test_the_table_is_sound() -> None:
    MACHINE.check()


UNANSWERED = set(FeedbackStatus) - {
    FeedbackStatus.ANSWERED,
    FeedbackStatus.PUBLISHED,
    FeedbackStatus.RATED,
    FeedbackStatus.CLOSED,
}


class AnySequenceOfActions(RuleBasedStateMachine):
    """Takes actions at random, allowed or not, and checks what must hold after each."""

    @initialize(given=submissions)
    def receive(self, given: Feedback) -> None:
        self.report = given
        self.at = START
        self.handovers = 0

    @rule(hours=st.integers(0, 100))
    def wait(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @rule(action=st.sampled_from(ACTIONS), words=words)
    def act(self, action: FeedbackAction, words: Words) -> None:
        before = self.report
        row = TABLE.row(before, action)
        assert (row is not None) == (action in TABLE.possible(before, list(Party)))
        if row is None:
            return
        if action is FeedbackAction.EXTEND and (before.is_missed(self.at) or before.resolve_due_at <= self.at):
            with pytest.raises(RuleBroken, match="too late"):
                perform(before, row, self.at, words)
            return
        change = perform(before, row, self.at, words)
        self.check(before, change)
        assert change.after.status == row.target
        self.report = change.after

    def check(self, before: Feedback, change: Change[Feedback]) -> None:
        after, event = change.after, change.event
        assert after.version == before.version + 1
        assert isinstance(event, FeedbackState)
        assert all(getattr(event, name) == getattr(after, name) for name in FeedbackState.__struct_fields__)
        if after.unit != before.unit:
            assert before.unit in after.former_units
        if isinstance(event, FeedbackReturned | FeedbackTransferred):
            assert (event.from_unit, event.to_unit) == (before.unit, after.unit)
            self.handovers += not (isinstance(event, FeedbackTransferred) and event.by_desk)
        if before.accepted_at is not None and after.reopenings == before.reopenings:
            assert after.accepted_at == before.accepted_at
        # Who is handed a report is not late with it at that moment, and what was missed is written down.
        if after.held_since != before.held_since:
            assert not after.is_missed(self.at)
            assert missed_by(before, after, self.at) == (before.holder if before.is_missed(self.at) else None)

    @invariant()
    def clocks_and_statuses_agree(self) -> None:
        report = self.report
        assert report.handovers == self.handovers
        assert report.resolve_due_at >= report.received_at
        assert (report.answered_at is None) == (report.status in UNANSWERED)
        assert (report.ended_at is not None) == (report.status in {FeedbackStatus.REFUSED, FeedbackStatus.DUPLICATE})
        assert (report.paused_since is not None) == (report.status == FeedbackStatus.SUPPLEMENT_REQUESTED)
        if report.answered_at is not None:
            assert report.accepted_at is not None
            assert report.answer
            assert report.outcome
        if report.held_since is not None:
            assert report.own_accept_due_at is not None
            assert report.own_resolve_due_at is not None
            assert report.own_accept_due_at > report.held_since

    @invariant()
    def counting_anew_by_the_same_documents_changes_nothing(self) -> None:
        assert with_due_times(self.report, DEADLINES) == self.report


TestAnySequenceOfActions = AnySequenceOfActions.TestCase
TestAnySequenceOfActions.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_only_the_head_approves_and_only_the_desk_assigns() -> None:
    received = new_report(FeedbackKind.CONDUCT, Severity.NORMAL)
    drafted = replace(received, status=FeedbackStatus.ANSWER_DRAFTED)
    of_staff = {FeedbackAction.DRAFT_ANSWER, FeedbackAction.MERGE, FeedbackAction.ADD_NOTE}
    assert set(TABLE.possible(drafted, [Party.STAFF])) == of_staff
    assert set(TABLE.possible(drafted, [Party.HEAD, Party.STAFF])) == of_staff | {
        FeedbackAction.EXTEND,
        FeedbackAction.REJECT_ANSWER,
        FeedbackAction.APPROVE_ANSWER,
    }
    assert FeedbackAction.ASSIGN not in TABLE.possible(received, set(Party) - {Party.DESK})
    assert FeedbackAction.ASSIGN in TABLE.possible(received, [Party.DESK])


def stepped(before: Feedback, at: datetime) -> Step[Feedback]:
    return Step(before, replace(before, version=before.version + 1), at)


def test_a_transfer_begins_the_clock_that_counts_from_it_and_says_why() -> None:
    report, at = new_report(FeedbackKind.PROCEDURE, Severity.NORMAL, CENTRE), START + timedelta(days=2)
    after, event, note, details = effects.transfer(stepped(report, at), JUSTICE, "wrong unit", DEADLINES, by_desk=False)
    moved = Timing(report.matter, START, transferred_at=at)
    assert (after.unit, after.former_units, after.handovers) == (JUSTICE, (CENTRE,), 1)
    assert (after.transferred_at, after.resolve_due_at) == (at, DEADLINES.of(moved).resolve_due_at)
    assert after.resolve_due_at > report.resolve_due_at
    assert (note, details) == ("wrong unit", {})
    assert isinstance(event, FeedbackTransferred)
    assert (event.from_unit, event.to_unit, event.resolve_due_at) == (CENTRE, JUSTICE, after.resolve_due_at)
    assert effects.transfer(stepped(report, at), JUSTICE, "x", DEADLINES, by_desk=True).after.handovers == 0


def test_a_return_says_why_and_an_answer_what_came_of_it() -> None:
    report = new_report(FeedbackKind.ON_SITE, Severity.NORMAL, HOME_AFFAIRS)
    reason = next(iter(FeedbackReturnReason))
    returned = effects.return_to_desk(stepped(report, START), CENTRE, reason, DEADLINES)
    assert returned.note == reason
    assert isinstance(returned.event, FeedbackReturned)
    assert (returned.event.reason, returned.event.from_unit, returned.event.to_unit) == (reason, HOME_AFFAIRS, CENTRE)
    answered = effects.draft_answer(stepped(report, START), "x", "resolved")
    assert answered.details == {"outcome": "resolved", "answer": "x"}
    assert (answered.after.answer, answered.after.outcome, answered.note) == ("x", "resolved", None)
    step = stepped(answered.after, START)
    assert effects.publish(step).after == replace(step.after, published_at=START)


def test_of_the_senders_clocks_the_first_acceptance_counts_and_each_holder_has_its_own() -> None:
    def step(before: Feedback, hours: int = 0) -> Step[Feedback]:
        return Step(before, before, START + timedelta(hours=hours))

    report = effects.assign(step(new_report(FeedbackKind.ON_SITE, Severity.URGENT, CENTRE)), HOME_AFFAIRS, DEADLINES)
    accepted = effects.accept(step(report.after), DEADLINES).after
    moved = effects.transfer(step(accepted, 2), JUSTICE, "x", DEADLINES, by_desk=False).after
    again = effects.accept(step(moved, 3), DEADLINES).after
    assert (again.accepted_at, again.resolve_due_at) == (START, accepted.resolve_due_at)
    assert again.former_units == (CENTRE, HOME_AFFAIRS)
    assert (again.held_since, again.own_accepted_at) == (START + timedelta(hours=2), START + timedelta(hours=3))
    assert again.own_resolve_due_at is not None
    assert again.own_resolve_due_at > again.resolve_due_at


def test_a_classification_makes_nothing_good_that_was_missed() -> None:
    urgent = new_report(FeedbackKind.ON_SITE, Severity.URGENT)
    soon, late = START + timedelta(hours=1), START + timedelta(days=3)
    for at, counted_as in ((soon, None), (late, Severity.URGENT)):
        after = effects.classify(stepped(urgent, at), DEADLINES, urgent.kind, None, Severity.COMPLEX).after
        assert (after.severity, after.clock_severity) == (Severity.COMPLEX, counted_as)
        assert after.is_missed(late) == (counted_as is not None)
    normal = new_report(FeedbackKind.ON_SITE, Severity.NORMAL)
    stricter = effects.classify(stepped(normal, late), DEADLINES, normal.kind, None, Severity.URGENT).after
    assert stricter.clock_severity is None
    assert stricter.resolve_due_at < normal.resolve_due_at
