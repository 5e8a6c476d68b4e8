"""Submissions: nobody submits what is their own to decide (plan of 5/2024, II.1.1 and 1.5a)."""

from cchc_shared.contract.codes import SubmissionReturnReason
from cchc_shared.contract.events.submission import SubmissionReturned, SubmissionState
from scoring_worker.sources.source import FactSource, Measure, Occurred

OWN_MATTER = Measure("submission.own_matter")


def _returned(papers: SubmissionReturned) -> tuple[Occurred, ...]:
    own = papers.reason is SubmissionReturnReason.OWN_COMPETENCE
    return (Occurred(OWN_MATTER, papers.code, papers.unit),) if own else ()


SUBMISSION = FactSource(
    SubmissionState,
    duties=(),
    target=lambda _: (),
    occurrences=(OWN_MATTER,),
    occurred={SubmissionReturned: _returned},
)
