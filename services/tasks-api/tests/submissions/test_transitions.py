"""The table of a submission's transitions."""

from datetime import UTC, datetime

from msgspec.structs import replace

from cchc_shared.contract.codes import SubmissionReturnReason, SubmissionStatus
from cchc_shared.contract.transitions import Transition
from tasks_api.submissions.domain import Submission
from tasks_api.submissions.transitions import TABLE, Party, SubmissionAction
from tests.support.workflow import Machine, moved

PAPERS = Submission(
    id=1,
    code="HST-2024-000001",
    task="NV-2024-000001",
    unit="so-noi-vu",
    to_unit="01",
    subject="?",
    drafted_at=datetime(2024, 6, 3, tzinfo=UTC),
)


def step(before: Submission, row: Transition[Submission]) -> Submission:
    """A return for what is incomplete, at whose reason guards look."""
    reason = SubmissionReturnReason.INCOMPLETE if row.action is SubmissionAction.RETURN else before.return_reason
    return replace(moved(before, row), return_reason=reason)


MACHINE = Machine(
    TABLE,
    begin=[
        PAPERS,
        replace(PAPERS, status=SubmissionStatus.RETURNED, return_reason=SubmissionReturnReason.OWN_COMPETENCE),
    ],
    step=step,
    statuses=SubmissionStatus,
    actions=SubmissionAction,
    parties=Party,
    ends={SubmissionStatus.APPROVED},
    waiting=lambda papers: papers.own_matter,
)
TestAnySequence = MACHINE.sequences()


def test_the_table_is_sound() -> None:
    MACHINE.check()
