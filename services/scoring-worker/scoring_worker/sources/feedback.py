"""Citizens' reports: to be accepted and resolved by their deadlines, and not to be handed over without right.

A duty is its holder's: the desk's until the report is assigned, then the unit's, by the unit's own due times. While the
sender is asked for more there is none, unless it was late already.
"""

from datetime import datetime
from typing import Final

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.contract.events.feedback import (
    FeedbackAssigned,
    FeedbackHandoverJudged,
    FeedbackReturned,
    FeedbackState,
    FeedbackTransferred,
)
from scoring_worker.sources.source import FactSource, Measure, Occurred, TargetDuty, Withdrawn

ACCEPTANCE = Measure("feedback.acceptance")
RESOLUTION = Measure("feedback.resolution")
HANDOVER = Measure("feedback.handover")
UNJUSTIFIED = Measure("feedback.unjustified_handover")

_HANDED: Final = frozenset({FeedbackAssigned, FeedbackReturned, FeedbackTransferred})
_OUT_OF_PROCESS = (FeedbackStatus.REFUSED, FeedbackStatus.DUPLICATE)


def _target(report: FeedbackState) -> tuple[TargetDuty, ...]:
    accept_due_at, accepted_at, resolve_due_at = report.accept_due_at, report.accepted_at, report.resolve_due_at
    if report.held_since is not None and report.own_accept_due_at and report.own_resolve_due_at:
        accept_due_at, accepted_at = report.own_accept_due_at, report.own_accepted_at
        resolve_due_at = report.own_resolve_due_at
    holder = report.held_by or report.unit
    event = type(report)
    anew = event in _HANDED  # a desk may also assign a report to itself
    return (
        TargetDuty(
            ACCEPTANCE,
            report.code,
            holder,
            _due(report, accept_due_at, accepted_at),
            accepted_at,
            anew=anew,
            # What a desk has to do with a report is to find who is to answer it.
            handed_on=event is FeedbackAssigned,
        ),
        TargetDuty(
            RESOLUTION,
            report.code,
            holder,
            # What became a task is counted there.
            None if report.task else _due(report, resolve_due_at, report.answered_at),
            None if report.task else report.answered_at,
            anew=anew,
        ),
    )


def _due(report: FeedbackState, due_at: datetime, done_at: datetime | None) -> datetime | None:
    if done_at is not None:
        return due_at
    paused = report.paused_since is not None and report.paused_since < due_at
    return None if paused or report.status in _OUT_OF_PROCESS else due_at


def _returned(report: FeedbackReturned) -> tuple[Occurred, ...]:
    return (Occurred(HANDOVER, report.code, report.from_unit),)


def _transferred(report: FeedbackTransferred) -> tuple[Occurred, ...]:
    return () if report.by_desk else (Occurred(HANDOVER, report.code, report.from_unit),)


def _judged(report: FeedbackHandoverJudged) -> tuple[Occurred, ...]:
    if not report.unjustified:
        return ()
    return (Occurred(UNJUSTIFIED, report.code, report.from_unit, report.handed_over_at),)


def _withdrawn(report: FeedbackHandoverJudged) -> Withdrawn | None:
    if report.withdraws is None:
        return None
    return Withdrawn(UNJUSTIFIED, report.from_unit, report.withdraws, report.handed_over_at)


FEEDBACK = FactSource(
    FeedbackState,
    duties=(ACCEPTANCE, RESOLUTION),
    target=_target,
    occurrences=(HANDOVER, UNJUSTIFIED),
    occurred={FeedbackReturned: _returned, FeedbackTransferred: _transferred, FeedbackHandoverJudged: _judged},
    withdrawn={FeedbackHandoverJudged: _withdrawn},
)
