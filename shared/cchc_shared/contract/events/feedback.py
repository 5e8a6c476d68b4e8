"""Events of a citizen's report (PAKN). Each carries the report's state after the fact, and nothing of its text."""

from typing import ClassVar

from cchc_shared.contract.codes import Channel, FeedbackKind, FeedbackReturnReason, FeedbackStatus, Severity
from cchc_shared.contract.events.envelope import EventData, Instant


class FeedbackState(EventData, frozen=True, kw_only=True):
    """State of the report after the event: its unit, status and two clocks.

    `accept_due_at` and `resolve_due_at` are the first instants at which acceptance and answer are late.
    """

    AGGREGATE: ClassVar[str] = "feedback"
    TOPIC: ClassVar[str] = "feedback"

    code: str
    channel: Channel
    kind: FeedbackKind
    severity: Severity
    status: FeedbackStatus
    unit: str
    received_at: Instant
    accept_due_at: Instant
    resolve_due_at: Instant
    category: str | None = None
    accepted_at: Instant | None = None
    answered_at: Instant | None = None
    handovers: int = 0


class FeedbackReceived(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.received.v1"


class FeedbackAssigned(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.assigned.v1"


class FeedbackAccepted(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.accepted.v1"


class FeedbackReturned(FeedbackState, frozen=True, kw_only=True):
    """The unit returned the report to the co-ordinating desk. This counts as a hand-over by `from_unit`."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.returned.v1"

    from_unit: str
    to_unit: str
    reason: FeedbackReturnReason


class FeedbackTransferred(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.transferred.v1"

    from_unit: str
    to_unit: str


class FeedbackAnswerDrafted(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.answer_drafted.v1"


class FeedbackAnswerApproved(FeedbackState, frozen=True, kw_only=True):
    """The head approved the answer: the report is resolved at `answered_at`."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.answer_approved.v1"


class FeedbackRecounted(FeedbackState, frozen=True, kw_only=True):
    """Its due times were counted anew, because the working calendar or a limit changed."""

    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.recounted.v1"


class FeedbackPublished(FeedbackState, frozen=True, kw_only=True):
    TYPE: ClassVar[str] = "vn.hanoi.cchc.feedback.published.v1"
