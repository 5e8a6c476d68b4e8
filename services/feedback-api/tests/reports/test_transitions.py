"""The table of transitions and what actions make of a report: any sequence of actions, no I/O."""

from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from cchc_shared.calendar.working_time import WorkingCalendar
from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackReturnReason, FeedbackStatus, Severity
from cchc_shared.contract.events.feedback import FeedbackReturned, FeedbackState, FeedbackTransferred
from cchc_shared.contract.transitions import Change, Step
from feedback_api import rulebook
from feedback_api.deadlines.domain import Deadlines, Timing
from feedback_api.deadlines.rules import DeadlineRules
from feedback_api.reports import domain
from feedback_api.reports.domain import Feedback
from feedback_api.reports.transitions import TABLE, FeedbackAction, Party
from feedback_api.rulebook import Matter
from tests.support.workflow import Machine

from ..conftest import CENTRE, HOME_AFFAIRS, JUSTICE, PROFILE

DEADLINES = Deadlines(rulebook.load(PROFILE, DeadlineRules), WorkingCalendar.load(PROFILE))
UNITS = st.sampled_from([CENTRE, HOME_AFFAIRS, JUSTICE])
START = datetime(2026, 11, 18, 2, tzinfo=UTC)


def new_report(kind: FeedbackKind, severity: Severity, unit: str = CENTRE) -> Feedback:
    accept_due_at, resolve_due_at = DEADLINES.of_new(Timing(Matter(Channel.IHANOI, kind, severity), START))
    return Feedback(
        code="PA-26-000001",
        version=1,
        channel=Channel.IHANOI,
        channel_owner="",
        kind=kind,
        severity=severity,
        unit=unit,
        content="x",
        routing={},
        secret_digest=b"",
        recorded_at=START,
        received_at=START,
        accept_due_at=accept_due_at,
        resolve_due_at=resolve_due_at,
    )


MACHINE = Machine(
    TABLE,
    begin=[new_report(FeedbackKind.ON_SITE, Severity.NORMAL)],
    statuses=FeedbackStatus,
    actions=FeedbackAction,
    parties=Party,
    ends={FeedbackStatus.PUBLISHED},
    unused={
        FeedbackStatus.IN_PROGRESS,
        FeedbackStatus.SUPPLEMENT_REQUESTED,
        FeedbackStatus.CLOSED,
        FeedbackStatus.REFUSED,
        FeedbackStatus.DUPLICATE,
        FeedbackStatus.REOPENED,
    },
)
TestAnySequence = MACHINE.sequences()


def test_the_table_is_sound() -> None:
    MACHINE.check()


def perform(step: Step[Feedback], action: FeedbackAction, unit: str, reason: FeedbackReturnReason) -> Change[Feedback]:
    match action:
        case FeedbackAction.ASSIGN:
            return domain.assign(step, unit)
        case FeedbackAction.ACCEPT:
            return domain.accept(step, DEADLINES)
        case FeedbackAction.RETURN:
            return domain.return_to_desk(step, CENTRE, reason)
        case FeedbackAction.TRANSFER:
            return domain.transfer(step, unit, "thuộc đơn vị khác", DEADLINES)
        case FeedbackAction.DRAFT_ANSWER:
            return domain.draft_answer(step, "đã xong", "resolved")
        case FeedbackAction.APPROVE_ANSWER:
            return domain.approve_answer(step)
        case FeedbackAction.PUBLISH:
            return domain.publish(step)


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

    @rule(action=st.sampled_from(FeedbackAction), unit=UNITS, reason=st.sampled_from(FeedbackReturnReason))
    def act(self, action: FeedbackAction, unit: str, reason: FeedbackReturnReason) -> None:
        before = self.report
        row = TABLE.row(before, action)
        assert (row is not None) == (action in TABLE.possible(before, list(Party)))
        if row is None:
            return
        step = Step(before, replace(before, status=row.target, version=before.version + 1), self.at)
        change = perform(step, action, unit, reason)
        self.check(before, change)
        assert change.after.status == row.target
        self.report = change.after

    def check(self, before: Feedback, change: Change[Feedback]) -> None:
        after, event = change.after, change.event
        assert after.version == before.version + 1
        assert isinstance(event, FeedbackState)
        assert (event.unit, event.status) == (after.unit, after.status)
        assert (event.handovers, event.resolve_due_at) == (after.handovers, after.resolve_due_at)
        if after.unit != before.unit:
            assert before.unit in after.former_units
        if isinstance(event, FeedbackReturned | FeedbackTransferred):
            self.handovers += 1
            assert (event.from_unit, event.to_unit) == (before.unit, after.unit)
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

    @invariant()
    def counting_anew_by_the_same_documents_changes_nothing(self) -> None:
        assert domain.recounted(self.report, DEADLINES) == self.report


TestAnySequenceOfActions = AnySequenceOfActions.TestCase
TestAnySequenceOfActions.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_every_action_has_one_row() -> None:
    assert [row.action for row in TABLE.rows] == list(FeedbackAction)


def test_only_the_head_approves_and_only_the_desk_assigns() -> None:
    received = new_report(FeedbackKind.CONDUCT, Severity.NORMAL)
    drafted = replace(received, status=FeedbackStatus.ANSWER_DRAFTED)
    assert TABLE.possible(drafted, [Party.STAFF]) == [FeedbackAction.DRAFT_ANSWER]
    assert TABLE.possible(drafted, [Party.HEAD, Party.STAFF]) == [
        FeedbackAction.DRAFT_ANSWER,
        FeedbackAction.APPROVE_ANSWER,
    ]
    assert TABLE.possible(received, [Party.STAFF, Party.HEAD]) == []
    assert TABLE.possible(received, [Party.DESK]) == [FeedbackAction.ASSIGN]


def stepped(before: Feedback, at: datetime) -> Step[Feedback]:
    return Step(before, replace(before, version=before.version + 1), at)


def test_a_transfer_begins_the_clock_that_counts_from_it_and_says_why() -> None:
    report, at = new_report(FeedbackKind.PROCEDURE, Severity.NORMAL), START + timedelta(days=2)
    after, event, note, details = domain.transfer(stepped(report, at), JUSTICE, "wrong unit", DEADLINES)
    moved = Timing(report.matter, START, transferred_at=at)
    assert (after.unit, after.former_units, after.handovers) == (JUSTICE, (CENTRE,), 1)
    assert (after.transferred_at, after.resolve_due_at) == (at, DEADLINES.resolve_due_at(moved))
    assert after.resolve_due_at > report.resolve_due_at
    assert (note, details) == ("wrong unit", {})
    assert isinstance(event, FeedbackTransferred)
    assert (event.from_unit, event.to_unit, event.resolve_due_at) == (CENTRE, JUSTICE, after.resolve_due_at)


def test_a_return_says_why_and_an_answer_what_came_of_it() -> None:
    report = new_report(FeedbackKind.ON_SITE, Severity.NORMAL, HOME_AFFAIRS)
    reason = next(iter(FeedbackReturnReason))
    returned = domain.return_to_desk(stepped(report, START), CENTRE, reason)
    assert returned.note == reason
    assert isinstance(returned.event, FeedbackReturned)
    assert (returned.event.reason, returned.event.from_unit, returned.event.to_unit) == (reason, HOME_AFFAIRS, CENTRE)
    answered = domain.draft_answer(stepped(report, START), "x", "resolved")
    assert answered.details == {"outcome": "resolved", "answer": "x"}
    assert (answered.after.answer, answered.after.outcome, answered.note) == ("x", "resolved", None)
    step = stepped(answered.after, START)
    assert domain.publish(step).after == step.after


def test_urgent_counts_from_the_first_acceptance_whoever_accepts_later() -> None:
    def step(before: Feedback, hours: int = 0) -> Step[Feedback]:
        return Step(before, before, START + timedelta(hours=hours))

    report = domain.assign(step(new_report(FeedbackKind.ON_SITE, Severity.URGENT)), HOME_AFFAIRS).after
    accepted = domain.accept(step(report), DEADLINES).after
    moved = domain.transfer(step(accepted, 2), JUSTICE, "x", DEADLINES).after
    again = domain.accept(step(moved, 3), DEADLINES).after
    assert (again.accepted_at, again.resolve_due_at) == (START, accepted.resolve_due_at)
    assert again.former_units == (CENTRE, HOME_AFFAIRS)
