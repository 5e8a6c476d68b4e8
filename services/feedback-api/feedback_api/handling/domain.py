"""A report and what an action makes of it: pure functions of the state, the moment and the words of the actor."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackStatus, Severity
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
from feedback_api.clocks.domain import Deadlines, Timing
from feedback_api.handling.transitions import TRANSITIONS, Action, Transition


class ReturnReason(StrEnum):
    OUT_OF_COMPETENCE = "out_of_competence"
    NOT_ENOUGH_INFORMATION = "not_enough_information"
    BELONGS_TO_OTHER = "belongs_to_other"


class WrongState(Exception):
    """The action cannot be taken in this status."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """A report as far as its handling goes; `version` counts its events and is its ETag."""

    code: str
    version: int
    channel: Channel
    kind: FeedbackKind
    category: str | None
    severity: Severity
    unit: str
    status: FeedbackStatus
    received_at: datetime
    accept_due_at: datetime
    resolve_due_at: datetime
    accepted_at: datetime | None = None
    answered_at: datetime | None = None
    transferred_at: datetime | None = None
    handovers: int = 0
    former_units: tuple[str, ...] = ()
    answer: str | None = None
    outcome: str | None = None

    @property
    def timing(self) -> Timing:
        return Timing(self.kind, self.severity, self.received_at, self.accepted_at, self.transferred_at)


@dataclass(frozen=True, slots=True)
class Step:
    """What an action did: the report after it, the event that tells of it, and the note that the citizen may read."""

    action: Action
    after: Feedback
    event: FeedbackState
    note: str | None = None


def assign(before: Feedback, unit: str) -> Step:
    """The desk gives the report to a unit."""
    after = _moved(_next(before, Action.ASSIGN), unit)
    return Step(Action.ASSIGN, after, FeedbackAssigned(**state(after)))


def accept(before: Feedback, at: datetime, deadlines: Deadlines) -> Step:
    """The unit takes the report on. Only the first acceptance counts for the clocks."""
    after = _next(before, Action.ACCEPT)
    if after.accepted_at is None:
        after = replace(after, accepted_at=at)
        after = replace(after, resolve_due_at=deadlines.resolve_due_at(after.timing))
    return Step(Action.ACCEPT, after, FeedbackAccepted(**state(after)))


def give_back(before: Feedback, desk: str, reason: ReturnReason) -> Step:
    """The unit returns the report to the desk: a hand-over."""
    after = _handed_over(_next(before, Action.RETURN), desk)
    event = FeedbackReturned(**state(after), from_unit=before.unit, to_unit=desk, reason=reason.value)
    return Step(Action.RETURN, after, event, note=reason.value)


def transfer(before: Feedback, at: datetime, unit: str, reason: str, deadlines: Deadlines) -> Step:
    """The report passes to another unit: a hand-over. The former unit keeps reading it."""
    after = replace(_handed_over(_next(before, Action.TRANSFER), unit), transferred_at=at)
    after = replace(after, resolve_due_at=deadlines.resolve_due_at(after.timing))
    event = FeedbackTransferred(**state(after), from_unit=before.unit, to_unit=unit)
    return Step(Action.TRANSFER, after, event, note=reason)


def draft_answer(before: Feedback, answer: str, outcome: str) -> Step:
    """The unit proposes an answer with its outcome; a later draft takes its place."""
    after = replace(_next(before, Action.DRAFT_ANSWER), answer=answer, outcome=outcome)
    return Step(Action.DRAFT_ANSWER, after, FeedbackAnswerDrafted(**state(after)))


def approve_answer(before: Feedback, at: datetime) -> Step:
    """The head of the unit approves: the report is resolved, and the citizen may read the answer."""
    after = replace(_next(before, Action.APPROVE_ANSWER), answered_at=at)
    return Step(Action.APPROVE_ANSWER, after, FeedbackAnswerApproved(**state(after)))


def publish(before: Feedback) -> Step:
    """The answer may be shown to everyone."""
    after = _next(before, Action.PUBLISH)
    return Step(Action.PUBLISH, after, FeedbackPublished(**state(after)))


def state(feedback: Feedback) -> dict[str, Any]:
    """The fields that every event of the report carries: codes, units and instants, no text."""
    return {name: getattr(feedback, name) for name in FeedbackState.__struct_fields__}


def transition(before: Feedback, action: Action) -> Transition:
    """The line of the table for this action. Raises `WrongState` when it cannot be taken now."""
    found = TRANSITIONS[action]
    if before.status not in found.sources:
        raise WrongState(action)
    return found


def _next(before: Feedback, action: Action) -> Feedback:
    return replace(before, status=transition(before, action).target, version=before.version + 1)


def _moved(feedback: Feedback, unit: str) -> Feedback:
    if unit == feedback.unit:
        return feedback
    former = tuple(dict.fromkeys((*feedback.former_units, feedback.unit)))
    return replace(feedback, unit=unit, former_units=former)


def _handed_over(feedback: Feedback, unit: str) -> Feedback:
    return replace(_moved(feedback, unit), handovers=feedback.handovers + 1)
