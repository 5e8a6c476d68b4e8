"""Events of papers that a unit submits for a decision. Each carries the state after the fact, and no words."""

from typing import ClassVar

from cchc_shared.contract.codes import SubmissionReturnReason, SubmissionStatus
from cchc_shared.contract.events.envelope import EventData


class SubmissionState(EventData, frozen=True, kw_only=True):
    """State after the event: `unit` submits to `to_unit`."""

    AGGREGATE: ClassVar[str] = "submission"
    TOPIC: ClassVar[str] = "tasks"

    code: str
    task: str
    unit: str
    to_unit: str
    status: SubmissionStatus


class SubmissionDrafted(SubmissionState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.submission.drafted.v1"


class SubmissionMeetingRecorded(SubmissionState, frozen=True, kw_only=True):
    """The sender met units of another opinion."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.submission.meeting_recorded.v1"

    participants: tuple[str, ...]


class SubmissionSent(SubmissionState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.submission.sent.v1"


class SubmissionReturned(SubmissionState, frozen=True, kw_only=True):
    """Returned by `to_unit`. Of what is the sender's own to decide, it counts for the sender."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.submission.returned.v1"

    reason: SubmissionReturnReason


class SubmissionApproved(SubmissionState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.submission.approved.v1"


class SubmissionReassigned(SubmissionState, frozen=True, kw_only=True):
    """A unit ended, and by law another took its place: of the sender, or of the receiver."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.submission.reassigned.v1"
