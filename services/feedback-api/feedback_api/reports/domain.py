"""A report, and what each action makes of it: pure functions of the step and of what the caller gave."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackReturnReason, FeedbackStatus, Severity
from cchc_shared.contract.events.feedback import (
    FeedbackAccepted,
    FeedbackAnswerApproved,
    FeedbackAnswerDrafted,
    FeedbackAssigned,
    FeedbackPublished,
    FeedbackReturned,
    FeedbackState,
    FeedbackTransferred,
)
from cchc_shared.contract.transitions import Change, Step
from feedback_api.deadlines.domain import Deadlines, Timing
from feedback_api.rulebook import Matter, NoRuleInForce


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A report as it was received. Each field is a column of the table `feedback`."""

    channel: Channel
    channel_owner: str
    """Whose ids of the channel these are: the channel's own when empty, else those of one sender."""
    channel_ref: str | None = None
    kind: FeedbackKind
    category: str | None = None
    severity: Severity
    title: str | None = None
    content: str
    lat: float | None = None
    lon: float | None = None
    address: str | None = None
    unit: str
    routing: Mapping[str, Any]
    """Why the report went to its first unit."""
    submitted_by: str | None = None
    """The subject of the sender's token, which names nobody."""
    secret_digest: bytes
    form: Mapping[str, Any] | None = None
    """What the form of its channel held beyond what every report has; for officials."""
    received_at: datetime
    recorded_at: datetime
    accept_due_at: datetime
    resolve_due_at: datetime


class Feedback(Submission, frozen=True, kw_only=True):
    """A report as it stands: a row of the table `feedback`. `version` counts its events and is its ETag."""

    code: str
    version: int = 1
    status: FeedbackStatus = FeedbackStatus.RECEIVED
    former_units: tuple[str, ...] = ()
    accepted_at: datetime | None = None
    transferred_at: datetime | None = None
    answered_at: datetime | None = None
    handovers: int = 0
    answer: str | None = None
    outcome: str | None = None

    @property
    def matter(self) -> Matter:
        """What the rules ask of it."""
        return Matter(self.channel, self.kind, self.severity)

    @property
    def timing(self) -> Timing:
        """What its deadlines depend on."""
        return Timing(self.matter, self.received_at, self.accepted_at, self.transferred_at)


def is_provisional(feedback: Feedback, deadlines: Deadlines) -> bool:
    """Whether a day off that is still to be decided may move the due time of a clock that has not stopped."""
    if feedback.answered_at is not None:
        return False
    timing = feedback.timing
    if feedback.accepted_at is None and deadlines.is_provisional(timing, timing.received_at, feedback.accept_due_at):
        return True
    try:
        started_at = deadlines.resolution_start(timing)
    except NoRuleInForce:  # the documents speak of its day no more
        started_at = None
    return deadlines.is_provisional(timing, started_at, feedback.resolve_due_at)


def recounted(feedback: Feedback, deadlines: Deadlines) -> Feedback:
    """The same with the due times that the documents of today give it. Raises `NoRuleInForce`."""
    resolve_due_at = deadlines.resolve_due_at(feedback.timing)
    if feedback.accepted_at is not None:  # that clock has stopped
        return replace(feedback, resolve_due_at=resolve_due_at)
    accept_due_at, _ = deadlines.of_new(feedback.timing)
    return replace(feedback, accept_due_at=accept_due_at, resolve_due_at=resolve_due_at)


def assign(step: Step[Feedback], unit: str) -> Change[Feedback]:
    """The desk gives the report to a unit."""
    after = _moved(step.after, unit)
    return Change(after, FeedbackAssigned(**state(after)))


def accept(step: Step[Feedback], deadlines: Deadlines) -> Change[Feedback]:
    """The unit takes the report on. Only the first acceptance counts for the clocks."""
    after = step.after
    if after.accepted_at is None:
        after = replace(after, accepted_at=step.at)
        after = replace(after, resolve_due_at=deadlines.resolve_due_at(after.timing))
    return Change(after, FeedbackAccepted(**state(after)))


def return_to_desk(step: Step[Feedback], desk: str, reason: FeedbackReturnReason) -> Change[Feedback]:
    """The unit returns the report to the desk: a hand-over."""
    after = _handed_over(step.after, desk)
    event = FeedbackReturned(**state(after), from_unit=step.before.unit, to_unit=desk, reason=reason)
    return Change(after, event, note=reason)


def transfer(step: Step[Feedback], unit: str, reason: str, deadlines: Deadlines) -> Change[Feedback]:
    """The report passes to another unit: a hand-over. The former unit keeps reading it."""
    after = replace(_handed_over(step.after, unit), transferred_at=step.at)
    after = replace(after, resolve_due_at=deadlines.resolve_due_at(after.timing))
    event = FeedbackTransferred(**state(after), from_unit=step.before.unit, to_unit=unit)
    return Change(after, event, note=reason)


def draft_answer(step: Step[Feedback], answer: str, outcome: str) -> Change[Feedback]:
    """The unit proposes an answer with its outcome. A later draft replaces it; the history keeps each."""
    after = replace(step.after, answer=answer, outcome=outcome)
    return Change(after, FeedbackAnswerDrafted(**state(after)), details={"outcome": outcome, "answer": answer})


def approve_answer(step: Step[Feedback]) -> Change[Feedback]:
    """The head of the unit approves: the report is resolved, and the citizen may read the answer."""
    after = replace(step.after, answered_at=step.at)
    return Change(after, FeedbackAnswerApproved(**state(after)))


def publish(step: Step[Feedback]) -> Change[Feedback]:
    """The answer may be shown to everyone."""
    return Change(step.after, FeedbackPublished(**state(step.after)))


def state(feedback: Feedback) -> dict[str, Any]:
    """The fields that every event of the report carries: codes, units and instants, no text."""
    return {name: getattr(feedback, name) for name in FeedbackState.__struct_fields__}


def _moved(feedback: Feedback, unit: str) -> Feedback:
    if unit == feedback.unit:
        return feedback
    former = tuple(dict.fromkeys((*feedback.former_units, feedback.unit)))
    return replace(feedback, unit=unit, former_units=former)


def _handed_over(feedback: Feedback, unit: str) -> Feedback:
    return replace(_moved(feedback, unit), handovers=feedback.handovers + 1)
