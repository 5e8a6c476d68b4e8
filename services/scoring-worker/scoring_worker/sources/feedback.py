"""Citizens' reports: to be accepted and resolved by their deadlines, and not to be handed over."""

from cchc_shared.contract.codes import FeedbackStatus
from cchc_shared.contract.events.feedback import FeedbackReturned, FeedbackState, FeedbackTransferred
from scoring_worker.sources.source import FactSource, Measure, Occurred, TargetDuty

ACCEPTANCE = Measure("feedback.acceptance")
RESOLUTION = Measure("feedback.resolution")
HANDOVER = Measure("feedback.handover")

_OUT_OF_PROCESS = (FeedbackStatus.REFUSED, FeedbackStatus.DUPLICATE)
_HANDED_OVER = (FeedbackTransferred, FeedbackReturned)


def _target(report: FeedbackState) -> tuple[TargetDuty, ...]:
    dropped = report.status in _OUT_OF_PROCESS
    return (
        TargetDuty(
            ACCEPTANCE,
            report.code,
            report.unit,
            None if dropped and report.accepted_at is None else report.accept_due_at,
            report.accepted_at,
        ),
        TargetDuty(
            RESOLUTION,
            report.code,
            report.unit,
            None if dropped and report.answered_at is None else report.resolve_due_at,
            report.answered_at,
        ),
    )


def _occurred(report: FeedbackState) -> Occurred | None:
    return Occurred(HANDOVER, report.code, report.from_unit) if isinstance(report, _HANDED_OVER) else None


FEEDBACK = FactSource(
    FeedbackState,
    duties=(ACCEPTANCE, RESOLUTION),
    target=_target,
    occurrences=(HANDOVER,),
    occurred=_occurred,
)
